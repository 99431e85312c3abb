package io.culvert.offload;

import static io.culvert.linux.bpf.SkBuff.BPF_ADJ_ROOM_ENCAP_L2_SHIFT;
import static io.culvert.linux.bpf.SkBuff.BPF_ADJ_ROOM_MAC;
import static io.culvert.linux.bpf.SkBuff.BPF_F_ADJ_ROOM_DECAP_L3_IPV4;
import static io.culvert.linux.bpf.SkBuff.BPF_F_ADJ_ROOM_DECAP_L3_IPV6;
import static io.culvert.linux.bpf.SkBuff.BPF_F_ADJ_ROOM_ENCAP_L2_ETH;
import static io.culvert.linux.bpf.SkBuff.BPF_F_ADJ_ROOM_ENCAP_L3_IPV4;
import static io.culvert.linux.bpf.SkBuff.BPF_F_ADJ_ROOM_ENCAP_L3_IPV6;
import static io.culvert.linux.bpf.SkBuff.BPF_F_ADJ_ROOM_ENCAP_L4_GRE;
import static io.culvert.linux.bpf.SkBuff.BPF_F_ADJ_ROOM_ENCAP_L4_UDP;
import static io.culvert.linux.bpf.SkBuff.BPF_F_ADJ_ROOM_FIXED_GSO;

import io.culvert.linux.bpf.BpfAssembler;
import io.culvert.linux.bpf.Register;
import io.culvert.linux.bpf.SkBuff;
import io.culvert.linux.bpf.TcxLink;
import io.culvert.wire.EtherType;
import io.culvert.wire.GreFlyweight;
import io.culvert.wire.GueHeader;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv6Flyweight;
import io.culvert.wire.Ipv6Options;
import io.culvert.wire.UdpFlyweight;

/**
 * The egress program: labels a super-packet that the gateway encapsulated as tunnelled GSO, so that the kernel, or the
 * device, cuts it right. A virtio-net header cannot say that, and the kernel refuses to guess.
 *
 * <p>The label comes from taking the outer header off and putting it on again by {@code bpf_skb_adjust_room}, whose
 * growing side sets the inner offsets and the GSO type; the header's bytes are saved before and stored back after.
 */
public final class TunnelGsoProgram {

    /**
     * Mark of the packets that the gateway sends, by which the program knows them; it takes the mark off. In a packet's
     * 32-bit mark others seldom use the upper half.
     */
    public static final int MARK = 0x4356_0001;

    private static final int LINK_LENGTH = 14;
    private static final int IPV4_LENGTH = 20;
    private static final int IPV4_PROTOCOL = 9;
    private static final int IPV6_LENGTH = Ipv6Flyweight.HEADER_LENGTH;
    private static final int IPV6_NEXT_HEADER = 6;

    /** Where the outer header is saved, from the frame pointer. */
    private static final int SAVED = -88;

    private static final int GRE = GreFlyweight.headerLength(0);
    private static final int KEYED_GRE = GreFlyweight.headerLength(GreFlyweight.KEY_PRESENT);

    /** Of a shorter shim some bytes behind it are saved too. */
    private static final int LONGEST_SHIM = UdpFlyweight.HEADER_LENGTH + GueHeader.LENGTH + KEYED_GRE;

    private static final int LONGEST_IPV4 = IPV4_LENGTH + LONGEST_SHIM + LINK_LENGTH;
    private static final int LONGEST_IPV6 = IPV6_LENGTH + Ipv6Options.LIMIT_HEADER_LENGTH + LONGEST_SHIM + LINK_LENGTH;

    /** Length of outer IP header and shim in bytes, as far as it is known. */
    private static final Register LENGTH = Register.R7;

    /** Flags for taking the header off. */
    private static final Register SHRINK = Register.R8;

    /** Flags for putting it on again. */
    private static final Register GROW = Register.R9;

    private TunnelGsoProgram() {}

    /** Writes the program, for {@link TcxLink#EGRESS}. */
    static BpfAssembler assemble() {
        BpfAssembler program = new BpfAssembler()
                .mov(Register.R6, Register.R1)
                .load32(Register.R0, Register.R6, SkBuff.MARK)
                .jumpNotEqual(Register.R0, MARK, "out")
                .mov(Register.R0, 0)
                .store32(Register.R6, SkBuff.MARK, Register.R0)
                .load32(Register.R0, Register.R6, SkBuff.GSO_SIZE)
                .jumpEqual(Register.R0, 0, "out")
                .mov(SHRINK, BPF_F_ADJ_ROOM_FIXED_GSO)
                .load32(Register.R0, Register.R6, SkBuff.PROTOCOL)
                .be16(Register.R0)
                .jumpEqual(Register.R0, EtherType.IPV6, "outer ipv6");
        outerIpv4(program);
        outerIpv6(program);
        shim(program);
        udp(program);
        gre(program);
        frame(program);
        inner(program);
        relabel(program);
        return program.label("out")
                .mov(Register.R0, SkBuff.TCX_NEXT)
                .exit()
                .label("drop")
                .mov(Register.R0, SkBuff.TCX_DROP)
                .exit();
    }

    private static void outerIpv4(BpfAssembler program) {
        loadHeader(program, LONGEST_IPV4);
        program.mov(GROW, BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_ENCAP_L3_IPV4)
                .mov(LENGTH, IPV4_LENGTH)
                .load8(Register.R1, Register.R10, SAVED + IPV4_PROTOCOL)
                .jump("shim");
    }

    private static void outerIpv6(BpfAssembler program) {
        program.label("outer ipv6");
        loadHeader(program, LONGEST_IPV6);
        program.mov(GROW, BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_ENCAP_L3_IPV6)
                .mov(LENGTH, IPV6_LENGTH)
                .load8(Register.R1, Register.R10, SAVED + IPV6_NEXT_HEADER)
                .jumpNotEqual(Register.R1, IpProtocol.DESTINATION_OPTIONS, "shim")
                .add(LENGTH, Ipv6Options.LIMIT_HEADER_LENGTH)
                .load8(Register.R1, Register.R10, SAVED + IPV6_LENGTH);
    }

    /** Goes by the protocol in R1; any other goes out as it is. */
    private static void shim(BpfAssembler program) {
        program.label("shim")
                .jumpEqual(Register.R1, IpProtocol.IPV4, "inner ipv4")
                .jumpEqual(Register.R1, IpProtocol.IPV6, "inner ipv6")
                .jumpEqual(Register.R1, IpProtocol.UDP, "udp")
                .jumpNotEqual(Register.R1, IpProtocol.GRE, "out")
                .or(GROW, BPF_F_ADJ_ROOM_ENCAP_L4_GRE)
                .jump("gre");
    }

    /**
     * The gateway itself wrote these bytes, so they tell enough: an inner packet begins with its IP version; the second
     * byte of a GRE header is 0, that of a GUE header is what it carries.
     */
    private static void udp(BpfAssembler program) {
        program.label("udp").or(GROW, BPF_F_ADJ_ROOM_ENCAP_L4_UDP).add(LENGTH, UdpFlyweight.HEADER_LENGTH);
        pointBehindHeader(program);
        program.load8(Register.R1, Register.R3, SAVED)
                .and(Register.R1, 0xf0)
                .jumpEqual(Register.R1, 0x40, "inner ipv4")
                .jumpEqual(Register.R1, 0x60, "inner ipv6")
                .load8(Register.R1, Register.R3, SAVED + 1)
                .jumpEqual(Register.R1, 0, "gre")
                .add(LENGTH, GueHeader.LENGTH)
                .jumpEqual(Register.R1, IpProtocol.IPV4, "inner ipv4")
                .jumpEqual(Register.R1, IpProtocol.IPV6, "inner ipv6")
                .jumpNotEqual(Register.R1, IpProtocol.GRE, "out");
    }

    /** Only plain GRE and GRE with a key: a checksum or sequence number differs from segment to segment. */
    private static void gre(BpfAssembler program) {
        program.label("gre");
        pointBehindHeader(program);
        program.load16(Register.R1, Register.R3, SAVED)
                .be16(Register.R1)
                .load16(Register.R2, Register.R3, SAVED + 2)
                .be16(Register.R2)
                .add(LENGTH, GRE)
                .jumpEqual(Register.R1, 0, "payload")
                .jumpNotEqual(Register.R1, GreFlyweight.KEY_PRESENT, "out")
                .add(LENGTH, KEYED_GRE - GRE)
                .label("payload")
                .jumpEqual(Register.R2, EtherType.IPV4, "inner ipv4")
                .jumpEqual(Register.R2, EtherType.IPV6, "inner ipv6")
                .jumpNotEqual(Register.R2, EtherType.TRANSPARENT_ETHERNET_BRIDGING, "out");
    }

    /** An Ethernet header goes with the outer ones; behind a tag nothing is labelled. */
    private static void frame(BpfAssembler program) {
        pointBehindHeader(program);
        program.load16(Register.R1, Register.R3, SAVED + LINK_LENGTH - Short.BYTES)
                .be16(Register.R1)
                .add(LENGTH, LINK_LENGTH)
                .mov64(Register.R2, BPF_F_ADJ_ROOM_ENCAP_L2_ETH | (long) LINK_LENGTH << BPF_ADJ_ROOM_ENCAP_L2_SHIFT)
                .or(GROW, Register.R2)
                .jumpEqual(Register.R1, EtherType.IPV6, "inner ipv6")
                .jumpNotEqual(Register.R1, EtherType.IPV4, "out");
    }

    /** Where inner and outer IP version differ, the packet's protocol changes with its first header. */
    private static void inner(BpfAssembler program) {
        program.label("inner ipv4")
                .jumpAnySet(GROW, BPF_F_ADJ_ROOM_ENCAP_L3_IPV4, "relabel")
                .or(SHRINK, BPF_F_ADJ_ROOM_DECAP_L3_IPV4)
                .jump("relabel")
                .label("inner ipv6")
                .jumpAnySet(GROW, BPF_F_ADJ_ROOM_ENCAP_L3_IPV6, "relabel")
                .or(SHRINK, BPF_F_ADJ_ROOM_DECAP_L3_IPV6);
    }

    private static void relabel(BpfAssembler program) {
        program.label("relabel").mov(Register.R2, 0).sub(Register.R2, LENGTH);
        adjustRoom(program, SHRINK);
        program.jumpNotEqual(Register.R0, 0, "out").mov(Register.R2, LENGTH);
        adjustRoom(program, GROW);
        program.jumpNotEqual(Register.R0, 0, "drop")
                .mov(Register.R1, Register.R6)
                .mov(Register.R2, LINK_LENGTH)
                .mov(Register.R3, Register.R10)
                .add(Register.R3, SAVED)
                .mov(Register.R4, LENGTH)
                .mov(Register.R5, 0)
                .call(SkBuff.SKB_STORE_BYTES)
                .jumpNotEqual(Register.R0, 0, "drop");
    }

    /** Makes R3 such that what is behind the known part of the header is saved at R3 plus {@link #SAVED}. */
    private static void pointBehindHeader(BpfAssembler program) {
        program.mov(Register.R3, Register.R10).add(Register.R3, LENGTH);
    }

    private static void loadHeader(BpfAssembler program, int length) {
        program.mov(Register.R1, Register.R6)
                .mov(Register.R2, LINK_LENGTH)
                .mov(Register.R3, Register.R10)
                .add(Register.R3, SAVED)
                .mov(Register.R4, length)
                .call(SkBuff.SKB_LOAD_BYTES)
                .jumpNotEqual(Register.R0, 0, "out");
    }

    /** By the number of bytes in R2. */
    private static void adjustRoom(BpfAssembler program, Register flags) {
        program.mov(Register.R1, Register.R6)
                .mov(Register.R3, BPF_ADJ_ROOM_MAC)
                .mov(Register.R4, flags)
                .call(SkBuff.SKB_ADJUST_ROOM);
    }
}
