package io.culvert.perf.peer;

import io.culvert.lab.Host;
import io.culvert.lab.LabException;
import io.culvert.linux.Epoll;
import io.culvert.linux.Poll;
import io.culvert.linux.netlink.Link;
import io.culvert.linux.netlink.RouteNetlink;
import io.culvert.linux.socket.MessageBatch;
import io.culvert.linux.socket.PacketSocket;
import io.culvert.wire.IpProtocol;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Looks at every packet on the link for a while, by a packet socket of its own, and says how many were in the peer's
 * tunnel. Costs a copy a packet, so nothing is timed meanwhile. One thread.
 */
public final class WireLook implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int RECEIVE_BUFFER = 256 << 20;
    private static final int BATCH = 64;
    private static final int ROOM = 128;
    private static final int LINK_HEADER = 14;
    private static final int MIN_PACKET = 20;
    private static final int ETHERTYPE_IPV4 = 0x0800;
    private static final int ETHERTYPE_IPV6 = 0x86dd;
    private static final int PROTOCOL = 9;
    private static final int QUIET_MILLIS = 20;

    private final OuterFormat format;
    private final PacketSocket socket;
    private final FutureTask<Seen> reader;
    private volatile boolean ending;

    private WireLook(Host host, OuterFormat format) {
        this.format = format;
        socket = host.call("wire-open", TIMEOUT, WireLook::open);
        reader = host.async("wire-look", this::read);
    }

    /**
     * What was on the link.
     *
     * @param tunnelled packets in the tunnel
     * @param clear packets between inner addresses, outside of any tunnel
     * @param other IP packets that are neither, nor ICMP between the hosts
     * @param tunnelledBytes IP lengths of those in the tunnel, outer headers included
     * @param missed packets that were too fast for this look
     */
    public record Seen(long tunnelled, long clear, long other, long tunnelledBytes, long missed) {

        /**
         * Why this is no proof of a tunnel; empty if it is one.
         *
         * @param payload bytes that were sent through it
         */
        public String doubt(OuterFormat format, long payload) {
            if (format.protocol() != 0 && clear > 0) {
                return clear + " of " + (clear + tunnelled + other) + " packets were not in " + format.name()
                        + ": they crossed the link between inner addresses";
            }
            if (other > 0) {
                return other + " of " + (tunnelled + other) + " packets were not " + format.name();
            }
            if (tunnelled == 0 || (missed == 0 && tunnelledBytes < payload)) {
                return "the link saw " + tunnelledBytes + " bytes of " + format.name() + ", fewer than the payload's "
                        + payload;
            }
            return "";
        }
    }

    /** Starts to look at a host's link. */
    public static WireLook start(Host host, OuterFormat format) {
        return new WireLook(host, format);
    }

    private static PacketSocket open() {
        try (RouteNetlink netlink = RouteNetlink.open()) {
            Link link = netlink.link(Host.UNDERLAY);
            if (link == null) {
                throw new LabException("no device " + Host.UNDERLAY);
            }
            // Nothing before it is bound: it would get the packets of the tunnel devices too.
            PacketSocket socket = PacketSocket.open(0);
            socket.setReceiveBuffer(RECEIVE_BUFFER);
            socket.bind(link.index(), PacketSocket.ETH_P_ALL);
            return socket;
        }
    }

    /** Ends it when what has passed has been looked at. */
    public Seen stop() {
        ending = true;
        try {
            return reader.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted while looking at the link", e);
        } catch (ExecutionException e) {
            throw new LabException("looking at the link: " + e.getCause(), e);
        }
    }

    private Seen read() {
        Count count = new Count();
        UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(BATCH * ROOM));
        try (MessageBatch batch = new MessageBatch(BATCH, 1, MessageBatch.NAME_CAPACITY, 0)) {
            for (int message = 0; message < BATCH; message++) {
                batch.iovec(message, 0, memory.addressOffset() + (long) message * ROOM, ROOM);
            }
            boolean wasEnding;
            int received;
            do {
                wasEnding = ending;
                var _ = Poll.await(socket.fd(), Epoll.IN, QUIET_MILLIS);
                batch.prepareReceive(0, BATCH);
                received = socket.receive(batch, 0, BATCH);
                for (int message = 0; message < received; message++) {
                    count.add(memory, message * ROOM, batch.packetEtherType(message), batch.length(message));
                }
            } while (received > 0 || !wasEnding);
        }
        return count.seen(socket.statistics().drops());
    }

    @Override
    public void close() {
        ending = true;
        reader.cancel(true);
        socket.close();
    }

    /** The packets so far. */
    private final class Count {
        private long tunnelled;
        private long clear;
        private long other;
        private long bytes;

        void add(UnsafeBuffer memory, int frame, int etherType, int length) {
            int packet = frame + LINK_HEADER;
            boolean isIp = etherType == ETHERTYPE_IPV4 || etherType == ETHERTYPE_IPV6;
            if (!isIp || length < LINK_HEADER + MIN_PACKET) {
                return;
            }
            if (format.matches(memory, packet, length - LINK_HEADER)) {
                tunnelled++;
                bytes += memory.getShort(packet + 2, ByteOrder.BIG_ENDIAN) & 0xffff;
            } else if (OuterFormat.isInTheClear(memory, packet)) {
                clear++;
            } else if (!isIcmp(memory, packet)) {
                other++;
            }
        }

        /** The hosts' own: a full raw socket makes the kernel say protocol unreachable. */
        private static boolean isIcmp(UnsafeBuffer memory, int packet) {
            return (memory.getByte(packet) & 0xf0) == 0x40 && memory.getByte(packet + PROTOCOL) == IpProtocol.ICMP;
        }

        Seen seen(long missed) {
            return new Seen(tunnelled, clear, other, bytes, missed);
        }
    }
}
