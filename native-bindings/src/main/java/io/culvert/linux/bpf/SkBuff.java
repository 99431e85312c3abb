package io.culvert.linux.bpf;

/**
 * What a traffic control program sees of a packet: offsets in its context ({@code struct __sk_buff}, all fields of 32
 * bits), helper functions and verdicts (linux/bpf.h).
 */
public final class SkBuff {

    /** The packet's length in bytes, from its Ethernet header. */
    public static final int LEN = 0;

    /** The mark, which programs may change; 32 bits. */
    public static final int MARK = 8;

    /** The EtherType, in network byte order. */
    public static final int PROTOCOL = 16;

    /** Pointer to the first byte that can be read directly, for a 32-bit load that the verifier understands. */
    public static final int DATA = 76;

    /** Pointer to the end of what can be read directly. */
    public static final int DATA_END = 80;

    /** How many packets a super-packet becomes, 0 if it is none. */
    public static final int GSO_SEGS = 164;

    /** Payload bytes a segment of a super-packet, 0 if it is none. */
    public static final int GSO_SIZE = 176;

    /** {@code (map, &key)}: the address of the value, 0 if there is none. */
    public static final int MAP_LOOKUP_ELEM = 1;

    /** {@code (skb, offset, &from, length, flags)}: 0, or a negative error number. */
    public static final int SKB_STORE_BYTES = 9;

    /** {@code (skb, offset, &to, length)}: 0, or a negative error number. */
    public static final int SKB_LOAD_BYTES = 26;

    /** {@code (skb, length difference, mode, flags)}: 0, or a negative error number. */
    public static final int SKB_ADJUST_ROOM = 50;

    /** Mode of SKB_ADJUST_ROOM: room between Ethernet and IP header. */
    public static final int BPF_ADJ_ROOM_MAC = 1;

    public static final int BPF_F_ADJ_ROOM_FIXED_GSO = 1;
    public static final int BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 = 1 << 1;
    public static final int BPF_F_ADJ_ROOM_ENCAP_L3_IPV6 = 1 << 2;
    public static final int BPF_F_ADJ_ROOM_ENCAP_L4_GRE = 1 << 3;
    public static final int BPF_F_ADJ_ROOM_ENCAP_L4_UDP = 1 << 4;
    public static final int BPF_F_ADJ_ROOM_ENCAP_L2_ETH = 1 << 6;
    /** Where the flags have the length of an inner link header, in bytes. */
    public static final int BPF_ADJ_ROOM_ENCAP_L2_SHIFT = 56;

    public static final int BPF_F_ADJ_ROOM_DECAP_L3_IPV4 = 1 << 7;
    public static final int BPF_F_ADJ_ROOM_DECAP_L3_IPV6 = 1 << 8;

    /** Verdict: the next program decides, and without one the packet goes on. */
    public static final int TCX_NEXT = -1;

    /** Verdict: the packet goes on, no other program sees it. */
    public static final int TCX_PASS = 0;

    /** Verdict: the packet ends here. */
    public static final int TCX_DROP = 2;

    private SkBuff() {}
}
