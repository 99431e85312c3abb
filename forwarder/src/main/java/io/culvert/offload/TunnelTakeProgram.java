package io.culvert.offload;

import io.culvert.linux.bpf.BpfAssembler;
import io.culvert.linux.bpf.BpfMap;
import io.culvert.linux.bpf.Register;
import io.culvert.linux.bpf.SkBuff;
import io.culvert.linux.bpf.TcxLink;
import io.culvert.tunnel.OuterProtocol;
import io.culvert.wire.IpProtocol;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * The ingress program: keeps the IP stack from seeing outer packets that the gateway's packet socket has already got, so
 * that they cost nothing there and nothing answers them. Fragments pass: the kernel reassembles them for the raw socket.
 */
final class TunnelTakeProgram {

    /** Key of the map, in network byte order: outer source, outer destination, UDP destination port and outer protocol. */
    static final int KEY_LENGTH = 12;

    private static final int LINK_LENGTH = 14;
    private static final int HEADER = -24;

    /** IPv4 header and the ports of a UDP header behind it. */
    private static final int HEADER_LENGTH = 24;

    private static final int PORT_OFFSET = 22;
    private static final int FRAGMENT_OFFSET = 6;
    private static final int PROTOCOL_OFFSET = 9;
    private static final int SOURCE_OFFSET = 12;
    private static final int DESTINATION_OFFSET = 16;
    private static final int KEY = -40;
    private static final int FRAGMENT_BITS = 0x3fff;
    /** First byte of an IPv4 header of the shortest length. */
    private static final int WITHOUT_OPTIONS = 0x45;

    private static final int ETHERTYPE_IPV4 = 0x0800;

    private TunnelTakeProgram() {}

    /** A map of outer addresses and protocols, for {@link #assemble}. */
    static byte[] key(InetAddress source, InetAddress destination, OuterProtocol protocol) {
        return ByteBuffer.allocate(KEY_LENGTH)
                .put(source.getAddress())
                .put(destination.getAddress())
                .putInt(protocol.port() << 16 | protocol.number())
                .array();
    }

    /** Writes the program, for {@link TcxLink#INGRESS}. */
    static BpfAssembler assemble(BpfMap taken) {
        return new BpfAssembler()
                .mov(Register.R6, Register.R1)
                .load32(Register.R0, Register.R6, SkBuff.PROTOCOL)
                .be16(Register.R0)
                .jumpNotEqual(Register.R0, ETHERTYPE_IPV4, "next")
                .mov(Register.R1, Register.R6)
                .mov(Register.R2, LINK_LENGTH)
                .mov(Register.R3, Register.R10)
                .add(Register.R3, HEADER)
                .mov(Register.R4, HEADER_LENGTH)
                .call(SkBuff.SKB_LOAD_BYTES)
                .jumpNotEqual(Register.R0, 0, "next")
                .load16(Register.R1, Register.R10, HEADER + FRAGMENT_OFFSET)
                .be16(Register.R1)
                .jumpAnySet(Register.R1, FRAGMENT_BITS, "next")
                .load32(Register.R1, Register.R10, HEADER + SOURCE_OFFSET)
                .store32(Register.R10, KEY, Register.R1)
                .load32(Register.R1, Register.R10, HEADER + DESTINATION_OFFSET)
                .store32(Register.R10, KEY + 4, Register.R1)
                .mov(Register.R2, 0)
                .load8(Register.R1, Register.R10, HEADER + PROTOCOL_OFFSET)
                .jumpNotEqual(Register.R1, IpProtocol.UDP, "key")
                .load8(Register.R2, Register.R10, HEADER)
                .jumpNotEqual(Register.R2, WITHOUT_OPTIONS, "next")
                .load16(Register.R2, Register.R10, HEADER + PORT_OFFSET)
                .label("key")
                .store16(Register.R10, KEY + 8, Register.R2)
                .be16(Register.R1)
                .store16(Register.R10, KEY + 10, Register.R1)
                .loadMap(Register.R1, taken)
                .mov(Register.R2, Register.R10)
                .add(Register.R2, KEY)
                .call(SkBuff.MAP_LOOKUP_ELEM)
                .jumpEqual(Register.R0, 0, "next")
                .mov(Register.R0, SkBuff.TCX_DROP)
                .exit()
                .label("next")
                .mov(Register.R0, SkBuff.TCX_NEXT)
                .exit();
    }
}
