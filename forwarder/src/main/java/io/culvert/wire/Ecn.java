package io.culvert.wire;

/**
 * Explicit Congestion Notification through a tunnel, RFC 6040. ECN is the low two bits of the IPv4 TOS byte and of the
 * IPv6 traffic class; every argument and result here is those two bits.
 */
public final class Ecn {
    public static final int NOT_ECT = 0b00;
    public static final int ECT1 = 0b01;
    public static final int ECT0 = 0b10;
    public static final int CE = 0b11;

    /** The bits in a TOS or traffic class byte. */
    public static final int MASK = 0b11;

    /** From {@link #decapsulate}: the packet must be dropped. */
    public static final int DROP = -1;

    private Ecn() {}

    /**
     * The outer header's ECN in RFC 6040 normal mode: the inner one, congestion experienced included (Linux follows the
     * older RFC 3168 and resets CE to ECT(0)).
     *
     * @param innerTos the whole TOS or traffic class byte of the inner header
     */
    public static int encapsulate(int innerTos) {
        return innerTos & MASK;
    }

    /**
     * The inner header's ECN after decapsulation, RFC 6040 figure 4, or {@link #DROP}: congestion was signalled to a
     * flow that cannot see the signal, so loss has to be the signal.
     */
    public static int decapsulate(int innerEcn, int outerEcn) {
        if (innerEcn == NOT_ECT) {
            return outerEcn == CE ? DROP : NOT_ECT;
        }
        if (outerEcn == CE) {
            return CE;
        }
        return innerEcn == ECT0 && outerEcn == ECT1 ? ECT1 : innerEcn;
    }
}
