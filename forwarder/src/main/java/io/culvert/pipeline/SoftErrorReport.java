package io.culvert.pipeline;

import io.culvert.icmp.IcmpErrorBuilder;
import io.culvert.icmp.TokenBucket;
import io.culvert.linux.tun.VnetHeader;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.Verdict;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Tells the sender of an inner packet that the tunnel's remote could not be reached lately, for an ICMP error said so; the
 * packet is sent all the same. The encapsulation path's egress thread.
 */
final class SoftErrorReport {

    private static final int PER_SECOND = 1000;
    private static final int BURST = 50;

    private final IcmpErrorBuilder builder = new IcmpErrorBuilder();
    private final TokenBucket bucket = new TokenBucket(PER_SECOND, BURST, System.nanoTime());
    private final UnsafeBuffer message =
            new UnsafeBuffer(ByteBuffer.allocateDirect(VnetHeader.LENGTH + IcmpErrorBuilder.MAX_LENGTH_IPV6));

    /** Before the packet is sent; where nothing is to be told this costs a look at one number. */
    void report(Slot slot) {
        Tunnel tunnel = slot.tunnel();
        if (tunnel.softErrors().isPending()) {
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
                ? builder.hostUnreachable(slot.buffer, inner, available, message, VnetHeader.LENGTH)
                : builder.addressUnreachable(slot.buffer, inner, available, message, VnetHeader.LENGTH);
        if (length != 0 && tunnel.device().write(message.addressOffset(), VnetHeader.LENGTH + length) > 0) {
            tunnel.icmpCounters().relayed();
        }
    }
}
