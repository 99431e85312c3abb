package io.culvert.offload;

import io.culvert.linux.bpf.BpfAssembler;
import io.culvert.linux.bpf.BpfMap;
import io.culvert.linux.bpf.Register;
import io.culvert.linux.bpf.SkBuff;
import io.culvert.linux.bpf.TcxLink;
import io.culvert.wire.EtherType;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv6Flyweight;
import io.culvert.wire.Ipv6Options;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * The ingress program: keeps the IP stack from seeing outer packets that the gateway's packet socket has already got, so
 * that they cost nothing there and nothing answers them. Fragments pass: the kernel reassembles them for the raw socket.
 */
final class TunnelTakeProgram {

    /**
     * Key of the IPv4 map, in network byte order: outer source and outer destination of 4 bytes each, UDP destination port
     * or 0, and outer protocol, of 2 bytes each.
     */
    static final int IPV4_KEY_LENGTH = 12;

    /** Key of the IPv6 map: the same with addresses of 16 bytes. */
    static final int IPV6_KEY_LENGTH = 36;

    private static final int LINK_LENGTH = 14;
    private static final int IPV4_LENGTH = 20;
    /** First byte of an IPv4 header of the shortest length. */
    private static final int WITHOUT_OPTIONS = 0x45;

    private static final int FRAGMENT_OFFSET = 6;
    private static final int FRAGMENT_BITS = 0x3fff;
    private static final int PROTOCOL_OFFSET = 9;
    private static final int IPV4_ADDRESSES = 12;
    private static final int DESTINATION_PORT_OFFSET = 2;
    private static final int IPV6_LENGTH = Ipv6Flyweight.HEADER_LENGTH;
    private static final int NEXT_HEADER_OFFSET = 6;
    private static final int IPV6_ADDRESSES = 8;

    /** Where the outer header and the key are, from the frame pointer. */
    private static final int HEADER = -48;

    private static final int KEY = -88;

    private TunnelTakeProgram() {}

    /** A key of the addresses' map. */
    static byte[] key(InetAddress source, InetAddress destination, int protocol, int port) {
        byte[] from = source.getAddress();
        return ByteBuffer.allocate(2 * from.length + Integer.BYTES)
                .put(from)
                .put(destination.getAddress())
                .putInt(port << 16 | protocol)
                .array();
    }

    /** Writes the program, for {@link TcxLink#INGRESS}, on maps of outer addresses and protocols. */
    static BpfAssembler assemble(BpfMap ipv4, BpfMap ipv6) {
        BpfAssembler program = new BpfAssembler()
                .mov(Register.R6, Register.R1)
                .load32(Register.R0, Register.R6, SkBuff.PROTOCOL)
                .be16(Register.R0)
                .jumpEqual(Register.R0, EtherType.IPV6, "ipv6")
                .jumpNotEqual(Register.R0, EtherType.IPV4, "next");
        load(program, 0, HEADER, IPV4_LENGTH);
        program.load16(Register.R1, Register.R10, HEADER + FRAGMENT_OFFSET)
                .be16(Register.R1)
                .jumpAnySet(Register.R1, FRAGMENT_BITS, "next");
        copy(program, IPV4_ADDRESSES, IPV4_KEY_LENGTH - Integer.BYTES);
        program.mov(Register.R7, 0)
                .load8(Register.R1, Register.R10, HEADER + PROTOCOL_OFFSET)
                .jumpNotEqual(Register.R1, IpProtocol.UDP, "protocol")
                .load8(Register.R1, Register.R10, HEADER)
                .jumpNotEqual(Register.R1, WITHOUT_OPTIONS, "next");
        load(program, IPV4_LENGTH, HEADER, Integer.BYTES);
        program.load16(Register.R7, Register.R10, HEADER + DESTINATION_PORT_OFFSET)
                .mov(Register.R1, IpProtocol.UDP)
                .label("protocol")
                .be32(Register.R1)
                .store32(Register.R10, KEY + IPV4_KEY_LENGTH - Integer.BYTES, Register.R1)
                .store16(Register.R10, KEY + IPV4_KEY_LENGTH - Integer.BYTES, Register.R7);
        lookUp(program, ipv4);
        // A tunnel without a remote takes packets from anybody.
        program.mov(Register.R1, 0).store32(Register.R10, KEY, Register.R1);
        lookUp(program, ipv4);
        program.jump("next");
        program.label("ipv6");
        lookUpIpv6(program, ipv6);
        return program.label("next")
                .mov(Register.R0, SkBuff.TCX_NEXT)
                .exit()
                .label("taken")
                .mov(Register.R0, SkBuff.TCX_DROP)
                .exit();
    }

    private static void lookUpIpv6(BpfAssembler program, BpfMap ipv6) {
        load(program, 0, HEADER, IPV6_LENGTH);
        copy(program, IPV6_ADDRESSES, IPV6_KEY_LENGTH - Integer.BYTES);
        program.mov(Register.R7, 0)
                .load8(Register.R1, Register.R10, HEADER + NEXT_HEADER_OFFSET)
                .jumpEqual(Register.R1, IpProtocol.UDP, "udp")
                .jumpNotEqual(Register.R1, IpProtocol.DESTINATION_OPTIONS, "known");
        // Whatever the options, the first byte behind the header says what follows them.
        load(program, IPV6_LENGTH, HEADER, Integer.BYTES);
        program.load8(Register.R1, Register.R10, HEADER)
                .jumpNotEqual(Register.R1, IpProtocol.UDP, "known")
                .load8(Register.R1, Register.R10, HEADER + 1)
                .jumpNotEqual(Register.R1, 0, "next");
        load(program, IPV6_LENGTH + Ipv6Options.LIMIT_HEADER_LENGTH, HEADER, Integer.BYTES);
        program.jump("port").label("udp");
        load(program, IPV6_LENGTH, HEADER, Integer.BYTES);
        program.label("port")
                .load16(Register.R7, Register.R10, HEADER + DESTINATION_PORT_OFFSET)
                .mov(Register.R1, IpProtocol.UDP)
                .label("known")
                .be32(Register.R1)
                .store32(Register.R10, KEY + IPV6_KEY_LENGTH - Integer.BYTES, Register.R1)
                .store16(Register.R10, KEY + IPV6_KEY_LENGTH - Integer.BYTES, Register.R7);
        lookUp(program, ipv6);
    }

    private static void load(BpfAssembler program, int offset, int to, int length) {
        program.mov(Register.R1, Register.R6)
                .mov(Register.R2, LINK_LENGTH + offset)
                .mov(Register.R3, Register.R10)
                .add(Register.R3, to)
                .mov(Register.R4, length)
                .call(SkBuff.SKB_LOAD_BYTES)
                .jumpNotEqual(Register.R0, 0, "next");
    }

    private static void copy(BpfAssembler program, int offset, int length) {
        for (int i = 0; i < length; i += Integer.BYTES) {
            program.load32(Register.R1, Register.R10, HEADER + offset + i).store32(Register.R10, KEY + i, Register.R1);
        }
    }

    /** Takes the packet if the map has the key. */
    private static void lookUp(BpfAssembler program, BpfMap taken) {
        program.loadMap(Register.R1, taken)
                .mov(Register.R2, Register.R10)
                .add(Register.R2, KEY)
                .call(SkBuff.MAP_LOOKUP_ELEM)
                .jumpNotEqual(Register.R0, 0, "taken");
    }
}
