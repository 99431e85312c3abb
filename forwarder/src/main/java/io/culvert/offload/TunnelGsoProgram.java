package io.culvert.offload;

import static io.culvert.linux.bpf.SkBuff.BPF_ADJ_ROOM_MAC;
import static io.culvert.linux.bpf.SkBuff.BPF_F_ADJ_ROOM_DECAP_L3_IPV4;
import static io.culvert.linux.bpf.SkBuff.BPF_F_ADJ_ROOM_DECAP_L3_IPV6;
import static io.culvert.linux.bpf.SkBuff.BPF_F_ADJ_ROOM_ENCAP_L3_IPV4;
import static io.culvert.linux.bpf.SkBuff.BPF_F_ADJ_ROOM_ENCAP_L3_IPV6;
import static io.culvert.linux.bpf.SkBuff.BPF_F_ADJ_ROOM_ENCAP_L4_GRE;
import static io.culvert.linux.bpf.SkBuff.BPF_F_ADJ_ROOM_FIXED_GSO;

import io.culvert.linux.bpf.BpfAssembler;
import io.culvert.linux.bpf.Register;
import io.culvert.linux.bpf.SkBuff;
import io.culvert.linux.bpf.TcxLink;
import io.culvert.wire.EtherType;
import io.culvert.wire.GreFlyweight;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv6Flyweight;
import io.culvert.wire.Ipv6Options;

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
    private static final int SAVED = -64;

    private static final int GRE = GreFlyweight.headerLength(0);
    private static final int KEYED_GRE = GreFlyweight.headerLength(GreFlyweight.KEY_PRESENT);
    private static final int LONGEST_IPV4 = IPV4_LENGTH + KEYED_GRE;
    private static final int LONGEST_IPV6 = IPV6_LENGTH + Ipv6Options.LIMIT_HEADER_LENGTH + KEYED_GRE;

    private TunnelGsoProgram() {}

    /**
     * One kind of outer header.
     *
     * @param label unique name
     * @param length outer IP header, its options and shim in bytes
     * @param shrink flags for taking it off
     * @param grow flags for putting it on
     */
    private record Kind(String label, int length, int shrink, int grow) {

        /**
         * @param ipLength outer IP header with its options, bytes
         * @param shimLength 0, or that of a GRE header
         */
        static Kind of(int ipLength, int shimLength, boolean innerIpv6) {
            boolean outerIpv6 = ipLength >= IPV6_LENGTH;
            int shrink = BPF_F_ADJ_ROOM_FIXED_GSO;
            if (outerIpv6 != innerIpv6) {
                // The packet's protocol changes with its first header.
                shrink |= innerIpv6 ? BPF_F_ADJ_ROOM_DECAP_L3_IPV6 : BPF_F_ADJ_ROOM_DECAP_L3_IPV4;
            }
            int grow = BPF_F_ADJ_ROOM_FIXED_GSO
                    | (outerIpv6 ? BPF_F_ADJ_ROOM_ENCAP_L3_IPV6 : BPF_F_ADJ_ROOM_ENCAP_L3_IPV4)
                    | (shimLength > 0 ? BPF_F_ADJ_ROOM_ENCAP_L4_GRE : 0);
            String label = ipLength + "+" + shimLength + (innerIpv6 ? "-ipv6" : "-ipv4");
            return new Kind(label, ipLength + shimLength, shrink, grow);
        }
    }

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
                .load32(Register.R0, Register.R6, SkBuff.PROTOCOL)
                .be16(Register.R0)
                .jumpEqual(Register.R0, EtherType.IPV6, "ipv6");
        loadHeader(program, LONGEST_IPV4);
        program.jumpNotEqual(Register.R0, 0, "out").load8(Register.R1, Register.R10, SAVED + IPV4_PROTOCOL);
        kinds(program, IPV4_LENGTH);
        program.label("ipv6");
        loadHeader(program, LONGEST_IPV6);
        program.jumpNotEqual(Register.R0, 0, "out")
                .load8(Register.R1, Register.R10, SAVED + IPV6_NEXT_HEADER)
                .jumpEqual(Register.R1, IpProtocol.DESTINATION_OPTIONS, "options");
        kinds(program, IPV6_LENGTH);
        program.label("options").load8(Register.R1, Register.R10, SAVED + IPV6_LENGTH);
        kinds(program, IPV6_LENGTH + Ipv6Options.LIMIT_HEADER_LENGTH);
        return program.label("out")
                .mov(Register.R0, SkBuff.TCX_NEXT)
                .exit()
                .label("drop")
                .mov(Register.R0, SkBuff.TCX_DROP)
                .exit();
    }

    /** Goes by the protocol in R1, behind an outer IP header of that length; any other goes out as it is. */
    private static void kinds(BpfAssembler program, int ipLength) {
        program.jumpEqual(
                        Register.R1,
                        IpProtocol.IPV4,
                        Kind.of(ipLength, 0, false).label())
                .jumpEqual(
                        Register.R1, IpProtocol.IPV6, Kind.of(ipLength, 0, true).label())
                .jumpNotEqual(Register.R1, IpProtocol.GRE, "out");
        dispatchGre(program, ipLength);
        for (int shimLength : new int[] {0, GRE, KEYED_GRE}) {
            relabel(program, Kind.of(ipLength, shimLength, false));
            relabel(program, Kind.of(ipLength, shimLength, true));
        }
    }

    /** Only plain GRE and GRE with a key: a checksum or sequence number differs from segment to segment. */
    private static void dispatchGre(BpfAssembler program, int ipLength) {
        String keyed = "keyed-" + ipLength;
        program.load16(Register.R1, Register.R10, SAVED + ipLength)
                .be16(Register.R1)
                .load16(Register.R2, Register.R10, SAVED + ipLength + 2)
                .be16(Register.R2)
                .jumpEqual(Register.R1, GreFlyweight.KEY_PRESENT, keyed)
                .jumpNotEqual(Register.R1, 0, "out")
                .jumpEqual(
                        Register.R2,
                        EtherType.IPV6,
                        Kind.of(ipLength, GRE, true).label())
                .jump(Kind.of(ipLength, GRE, false).label())
                .label(keyed)
                .jumpEqual(
                        Register.R2,
                        EtherType.IPV6,
                        Kind.of(ipLength, KEYED_GRE, true).label())
                .jump(Kind.of(ipLength, KEYED_GRE, false).label());
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
