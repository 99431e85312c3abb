package io.culvert.wire;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.UnsafeApi;

/**
 * The Internet checksum, RFC 1071: the ones' complement of the ones' complement sum of 16-bit words.
 *
 * <p>Every sum and checksum here is a number in host order: the sum of the words as read big-endian. To store one, write
 * it big-endian. A <em>sum</em> is not complemented, may exceed 16 bits and grows by at most 0xffff a call, so a long never
 * overflows; {@link #fold} brings it to 16 bits. A <em>checksum</em> is complemented.
 *
 * <p>A <em>partial checksum</em> is what the kernel leaves in a TCP or UDP checksum field for the device to finish
 * (VIRTIO_NET_HDR_F_NEEDS_CSUM): the folded sum of the pseudo-header, not complemented; {@link #complete} finishes it.
 */
public final class InternetChecksum {
    private static final boolean NATIVE_IS_LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final long LOW_32 = 0xffff_ffffL;

    private InternetChecksum() {}

    /**
     * Adds bytes to a sum. An odd last byte counts as the high byte of a word whose low byte is zero, so of the pieces of
     * one message only the last may have an odd length. Any offset is allowed: alignment does not matter.
     *
     * @param initial the sum so far, not negative
     */
    public static long sum(DirectBuffer buffer, int offset, int length, long initial) {
        buffer.boundsCheck(offset, length);
        return initial + sumOfBytes(buffer.byteArray(), buffer.addressOffset() + offset, length);
    }

    /** Brings a sum to 16 bits: end-around carries, no complement. Zero only if every word was zero. */
    public static int fold(long sum) {
        long folded = (sum >>> 32) + (sum & LOW_32);
        folded = (folded >>> 32) + (folded & LOW_32);
        folded = (folded >>> 16) + (folded & 0xffff);
        folded = (folded >>> 16) + (folded & 0xffff);
        return (int) ((folded >>> 16) + (folded & 0xffff));
    }

    /** The checksum to store for bytes whose checksum field is zero. */
    public static int checksum(DirectBuffer buffer, int offset, int length, long initial) {
        return ~fold(sum(buffer, offset, length, initial)) & 0xffff;
    }

    /** Whether bytes that include their checksum field verify. */
    public static boolean isValid(DirectBuffer buffer, int offset, int length, long initial) {
        return fold(sum(buffer, offset, length, initial)) == 0xffff;
    }

    /** The checksum after one 16-bit word changed, RFC 1624 equation 3: HC' = ~(~HC + ~m + m'). */
    public static int update(int checksum, int from16, int to16) {
        return ~fold((~checksum & 0xffffL) + (~from16 & 0xffffL) + (to16 & 0xffffL)) & 0xffff;
    }

    /**
     * The sum of the IPv4 pseudo-header, RFC 9293 3.1 and RFC 768.
     *
     * @param length of the upper-layer header and its data, bytes
     */
    public static long pseudoHeaderIpv4(int source, int destination, int protocol, int length) {
        return (source & LOW_32) + (destination & LOW_32) + protocol + length;
    }

    /**
     * The sum of the IPv6 pseudo-header, RFC 8200 8.1.
     *
     * @param length of the upper-layer header and its data, bytes
     */
    public static long pseudoHeaderIpv6(
            DirectBuffer buffer, int sourceOffset, int destinationOffset, int protocol, int length) {
        return sum(buffer, sourceOffset, 16, sum(buffer, destinationOffset, 16, (long) protocol + length));
    }

    /**
     * Finishes a partial checksum in place: the field, which holds the folded pseudo-header sum, is part of what is
     * summed.
     *
     * @param start of the upper-layer header
     * @param length of the upper-layer header and its data, bytes
     * @param fieldOffset of the checksum field, from {@code start}
     * @param zeroAsOnes for UDP, where 0 means "no checksum" and a computed zero is sent as 0xffff (RFC 768)
     */
    public static void complete(
            MutableDirectBuffer buffer, int start, int length, int fieldOffset, boolean zeroAsOnes) {
        int checksum = checksum(buffer, start, length, 0);
        if (checksum == 0 && zeroAsOnes) {
            checksum = 0xffff;
        }
        buffer.putShort(start + fieldOffset, (short) checksum, ByteOrder.BIG_ENDIAN);
    }

    /**
     * Folded sum, host order. The words are summed as they lie in memory and the result is swapped once at the end: byte
     * order does not matter to a ones' complement sum (RFC 1071 2 B).
     *
     * <p>{@code whole} adds 64-bit words and overflows; {@code high} adds their upper halves and does not. What
     * {@code whole} lost is in {@code high} only, so the lower halves are {@code whole - (high << 32)}: one operation less
     * a word than splitting each.
     */
    private static int sumOfBytes(byte[] base, long address, int length) {
        long whole = 0;
        long high = 0;
        long at = address;
        int remaining = length;
        for (; remaining >= 32; remaining -= 32, at += 32) {
            long a = UnsafeApi.getLong(base, at);
            long b = UnsafeApi.getLong(base, at + 8);
            long c = UnsafeApi.getLong(base, at + 16);
            long d = UnsafeApi.getLong(base, at + 24);
            whole += a + b + c + d;
            high += (a >>> 32) + (b >>> 32) + (c >>> 32) + (d >>> 32);
        }
        for (; remaining >= 8; remaining -= 8, at += 8) {
            long a = UnsafeApi.getLong(base, at);
            whole += a;
            high += a >>> 32;
        }
        long sum = high + (whole - (high << 32)) + sumOfTail(base, at, remaining);
        int folded = fold(sum);
        return NATIVE_IS_LITTLE_ENDIAN ? Short.reverseBytes((short) folded) & 0xffff : folded;
    }

    private static long sumOfTail(byte[] base, long address, int length) {
        long sum = 0;
        long at = address;
        if ((length & 4) != 0) {
            sum += UnsafeApi.getInt(base, at) & LOW_32;
            at += 4;
        }
        if ((length & 2) != 0) {
            sum += UnsafeApi.getShort(base, at) & 0xffff;
            at += 2;
        }
        if ((length & 1) != 0) {
            int last = UnsafeApi.getByte(base, at) & 0xff;
            sum += NATIVE_IS_LITTLE_ENDIAN ? last : last << 8;
        }
        return sum;
    }
}
