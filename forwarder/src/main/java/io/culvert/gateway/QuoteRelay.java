package io.culvert.gateway;

import io.culvert.icmp.IcmpErrorBuilder;
import io.culvert.icmp.OuterError;
import io.culvert.pipeline.InnerMessage;
import io.culvert.tunnel.ErrorRelay;
import io.culvert.tunnel.OuterHeader;
import io.culvert.tunnel.Tunnel;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Ipv6Flyweight;

/** Hands ICMP errors about outer packets on to inner senders. The conductor's thread only. */
final class QuoteRelay {

    private final IcmpErrorBuilder builder = IcmpErrorBuilder.aboutQuotes();
    private final InnerMessage message = new InnerMessage();

    /** Tells whom {@link ErrorRelay} names. */
    void relay(OuterError error, Tunnel tunnel, OuterHeader header) {
        int inner = header.innerOffset(error);
        int version =
                inner < error.end() && header.quotesIp(error) ? (error.buffer().getByte(inner) & 0xf0) >> 4 : 0;
        switch (ErrorRelay.of(tunnel.spec(), error, version)) {
            case NONE -> {}
            case NEXT_PACKET -> onNextPacket(tunnel);
            case AT_ONCE -> {
                if (error.end() - inner >= leastQuote(version)) {
                    atOnce(error, tunnel, inner, version);
                } else {
                    onNextPacket(tunnel);
                }
            }
        }
    }

    /** As in Linux not for a tunnel without a remote: the next packet may go elsewhere. */
    private static void onNextPacket(Tunnel tunnel) {
        if (tunnel.peers() == null) {
            tunnel.softErrors().add(System.nanoTime());
        }
    }

    /** Bytes of an inner packet that must be quoted for its sender to know it again. */
    private static int leastQuote(int version) {
        return OuterError.MIN_QUOTED_PAYLOAD
                + (version == 6 ? Ipv6Flyweight.HEADER_LENGTH : Ipv4Flyweight.MIN_HEADER_LENGTH);
    }

    /** Says nothing of a packet that must not be answered, such as one to many. */
    private void atOnce(OuterError error, Tunnel tunnel, int inner, int version) {
        int available = error.end() - inner;
        int length = switch (version) {
            case 4 -> builder.hostUnreachable(error.buffer(), inner, available, message.buffer(), InnerMessage.OFFSET);
            case 6 ->
                builder.addressUnreachable(error.buffer(), inner, available, message.buffer(), InnerMessage.OFFSET);
            default -> 0;
        };
        message.write(tunnel, length);
    }
}
