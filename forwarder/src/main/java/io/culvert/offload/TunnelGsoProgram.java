package io.culvert.offload;

import static io.culvert.linux.bpf.SkBuff.BPF_ADJ_ROOM_MAC;
import static io.culvert.linux.bpf.SkBuff.BPF_F_ADJ_ROOM_DECAP_L3_IPV6;
import static io.culvert.linux.bpf.SkBuff.BPF_F_ADJ_ROOM_ENCAP_L3_IPV4;
import static io.culvert.linux.bpf.SkBuff.BPF_F_ADJ_ROOM_ENCAP_L4_GRE;
import static io.culvert.linux.bpf.SkBuff.BPF_F_ADJ_ROOM_FIXED_GSO;

import io.culvert.linux.bpf.BpfAssembler;
import io.culvert.linux.bpf.Register;
import io.culvert.linux.bpf.SkBuff;
import io.culvert.linux.bpf.TcxLink;
import io.culvert.wire.EtherType;
import io.culvert.wire.GreFlyweight;
import io.culvert.wire.IpProtocol;

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
    private static final int PROTOCOL_OFFSET = 9;

    /** Where the outer header is saved, from the frame pointer. */
    private static final int SAVED = -32;

    private static final int LONGEST_HEADER = 28;

    private TunnelGsoProgram() {}

    /**
     * One kind of outer header.
     *
     * @param label unique name
     * @param length outer IPv4 header and shim in bytes
     * @param shrink flags for taking it off
     * @param grow flags for putting it on
     */
    private record Kind(String label, int length, int shrink, int grow) {}

    private static final Kind IPIP = new Kind(
            "ipip", IPV4_LENGTH, BPF_F_ADJ_ROOM_FIXED_GSO, BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_ENCAP_L3_IPV4);

    private static final Kind SIT = new Kind(
            "sit",
            IPV4_LENGTH,
            BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_DECAP_L3_IPV6,
            BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_ENCAP_L3_IPV4);

    /** Writes the program, for {@link TcxLink#EGRESS}. */
    static BpfAssembler assemble() {
        BpfAssembler program = new BpfAssembler()
                .mov(Register.R6, Register.R1)
                .load32(Register.R0, Register.R6, SkBuff.MARK)
                .jumpNotEqual(Register.R0, MARK, "out")
                .mov(Register.R0, 0)
                .store32(Register.R6, SkBuff.MARK, Register.R0)
                .load32(Register.R0, Register.R6, SkBuff.GSO_SIZE)
                .jumpEqual(Register.R0, 0, "out");
        loadHeader(program, LONGEST_HEADER);
        program.jumpNotEqual(Register.R0, 0, "out")
                .load8(Register.R1, Register.R10, SAVED + PROTOCOL_OFFSET)
                .jumpEqual(Register.R1, IpProtocol.IPV4, IPIP.label())
                .jumpEqual(Register.R1, IpProtocol.IPV6, SIT.label())
                .jumpNotEqual(Register.R1, IpProtocol.GRE, "out");
        dispatchGre(program);
        relabel(program, IPIP);
        relabel(program, SIT);
        for (boolean key : new boolean[] {false, true}) {
            for (boolean ipv6 : new boolean[] {false, true}) {
                relabel(program, gre(key, ipv6));
            }
        }
        return program.label("out")
                .mov(Register.R0, SkBuff.TCX_NEXT)
                .exit()
                .label("drop")
                .mov(Register.R0, SkBuff.TCX_DROP)
                .exit();
    }

    /** Only plain GRE and GRE with a key: a checksum or sequence number differs from segment to segment. */
    private static void dispatchGre(BpfAssembler program) {
        program.load16(Register.R1, Register.R10, SAVED + IPV4_LENGTH)
                .be16(Register.R1)
                .load16(Register.R2, Register.R10, SAVED + IPV4_LENGTH + 2)
                .be16(Register.R2)
                .jumpEqual(Register.R1, GreFlyweight.KEY_PRESENT, "keyed")
                .jumpNotEqual(Register.R1, 0, "out")
                .jumpEqual(Register.R2, EtherType.IPV6, gre(false, true).label())
                .jump(gre(false, false).label())
                .label("keyed")
                .jumpEqual(Register.R2, EtherType.IPV6, gre(true, true).label())
                .jump(gre(true, false).label());
    }

    private static Kind gre(boolean key, boolean ipv6) {
        int length = IPV4_LENGTH + GreFlyweight.headerLength(key ? GreFlyweight.KEY_PRESENT : 0);
        int shrink = BPF_F_ADJ_ROOM_FIXED_GSO | (ipv6 ? BPF_F_ADJ_ROOM_DECAP_L3_IPV6 : 0);
        int grow = BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L4_GRE;
        return new Kind("gre-" + length + (ipv6 ? "-ipv6" : "-ipv4"), length, shrink, grow);
    }

    private static void relabel(BpfAssembler program, Kind kind) {
        program.label(kind.label());
        adjustRoom(program, -kind.length(), kind.shrink());
        program.jumpNotEqual(Register.R0, 0, "out");
        adjustRoom(program, kind.length(), kind.grow());
        program.jumpNotEqual(Register.R0, 0, "drop")
                .mov(Register.R1, Register.R6)
                .mov(Register.R2, LINK_LENGTH)
                .mov(Register.R3, Register.R10)
                .add(Register.R3, SAVED)
                .mov(Register.R4, kind.length())
                .mov(Register.R5, 0)
                .call(SkBuff.SKB_STORE_BYTES)
                .jumpNotEqual(Register.R0, 0, "drop")
                .jump("out");
    }

    private static void loadHeader(BpfAssembler program, int length) {
        program.mov(Register.R1, Register.R6)
                .mov(Register.R2, LINK_LENGTH)
                .mov(Register.R3, Register.R10)
                .add(Register.R3, SAVED)
                .mov(Register.R4, length)
                .call(SkBuff.SKB_LOAD_BYTES);
    }

    private static void adjustRoom(BpfAssembler program, int bytes, int flags) {
        program.mov(Register.R1, Register.R6)
                .mov(Register.R2, bytes)
                .mov(Register.R3, BPF_ADJ_ROOM_MAC)
                .mov(Register.R4, flags)
                .call(SkBuff.SKB_ADJUST_ROOM);
    }
}
