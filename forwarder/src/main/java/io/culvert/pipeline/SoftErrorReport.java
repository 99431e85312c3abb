package io.culvert.pipeline;

import io.culvert.icmp.IcmpErrorBuilder;
import io.culvert.icmp.TokenBucket;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.Verdict;

/**
 * Tells the sender of an inner packet that the tunnel's remote could not be reached lately, for an ICMP error said so; the
 * packet is sent all the same. The encapsulation path's egress thread.
 */
final class SoftErrorReport {

    private static final int PER_SECOND = 1000;
    private static final int BURST = 50;

    private final IcmpErrorBuilder builder = new IcmpErrorBuilder();
    private final TokenBucket bucket = new TokenBucket(PER_SECOND, BURST, System.nanoTime());
    private final InnerMessage message = new InnerMessage();

    /** Before the packet is sent; where nothing is to be told this costs a look at one number. */
    void report(Slot slot) {
        Tunnel tunnel = slot.tunnel();
        if (tunnel.softErrors().isPending() && slot.etherType == 0) {
            long now = System.nanoTime();
            if (tunnel.softErrors().take(now) && bucket.tryTake(now)) {
                write(slot, tunnel);
            }
        }
    }

    private void write(Slot slot, Tunnel tunnel) {
        int outer = slot.verdict == Verdict.FRAGMENT ? 0 : slot.outerHeader().length();
        int inner = slot.offset + outer;
        int available = slot.length - outer;
        int length = (slot.buffer.getByte(inner) & 0xf0) == 0x40
                ? builder.hostUnreachable(slot.buffer, inner, available, message.buffer(), InnerMessage.OFFSET)
                : builder.addressUnreachable(slot.buffer, inner, available, message.buffer(), InnerMessage.OFFSET);
        message.write(tunnel, length);
    }
}
