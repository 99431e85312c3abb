package io.culvert.pipeline;

import io.culvert.icmp.IcmpErrorBuilder;
import io.culvert.tunnel.InnerDevice;
import io.culvert.tunnel.Tunnel;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** An ICMP error to an inner sender, with room in front for what the tunnel's device has there. One thread. */
public final class InnerMessage {

    /** Where the message is in the buffer. */
    public static final int OFFSET = InnerHeader.MAX_LENGTH;

    private final UnsafeBuffer buffer =
            new UnsafeBuffer(ByteBuffer.allocateDirect(OFFSET + IcmpErrorBuilder.MAX_LENGTH_IPV6));

    /** Its memory. */
    public UnsafeBuffer buffer() {
        return buffer;
    }

    /** Writes a message of that length into the tunnel's device, which may refuse it; does nothing if there is none. */
    public void write(Tunnel tunnel, int length) {
        if (length == 0) {
            return;
        }
        InnerDevice device = tunnel.device();
        InnerHeader.storeProtocol(buffer, OFFSET, 0);
        int headers = InnerHeader.length(device);
        if (device.write(buffer.addressOffset() + OFFSET - headers, headers + length) > 0) {
            tunnel.icmpCounters().relayed();
        }
    }
}
