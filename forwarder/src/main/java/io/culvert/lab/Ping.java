package io.culvert.lab;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.linux.Epoll;
import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.Poll;
import io.culvert.linux.socket.MessageBatch;
import io.culvert.linux.socket.RawSocket;
import io.culvert.wire.Icmpv4Flyweight;
import io.culvert.wire.Icmpv6Flyweight;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Flyweight;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.UnsafeBuffer;

/** Echo requests from one host to one address, and the answers to them; compares every byte of a reply. One thread. */
public final class Ping implements AutoCloseable {

    /** Largest payload in bytes: IPv4's largest packet less its header and ICMP's. */
    public static final int MAX_PAYLOAD = 65_507;

    private static final int BUFFER = 1 << 16;
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    /** From the process ID up, so that the labs of two processes differ. */
    private static final AtomicInteger IDENTIFIERS =
            new AtomicInteger((int) ProcessHandle.current().pid());

    private final RawSocket socket;
    private final MessageBatch batch = new MessageBatch(1, 1, MessageBatch.NAME_CAPACITY, 0);
    private final UnsafeBuffer out = new UnsafeBuffer(ByteBuffer.allocateDirect(BUFFER));
    private final UnsafeBuffer in = new UnsafeBuffer(ByteBuffer.allocateDirect(BUFFER));
    private final Icmpv4Flyweight request = new Icmpv4Flyweight().wrap(out, 0);
    private final Icmpv4Flyweight answer = new Icmpv4Flyweight();
    private final Icmpv4Flyweight quoted = new Icmpv4Flyweight();
    private final Ipv4Flyweight header = new Ipv4Flyweight();
    private final UnsafeBuffer destination = new UnsafeBuffer(ByteBuffer.allocateDirect(16));
    private final boolean ipv6;
    private final int identifier = IDENTIFIERS.incrementAndGet() & 0xffff;
    private int sequence;

    private Ping(RawSocket socket, InetAddress to) {
        this.socket = socket;
        ipv6 = to instanceof Inet6Address;
        destination.putBytes(0, to.getAddress());
        socket.setReceiveBuffer(1 << 22);
        if (!ipv6) {
            setDontFragment(false);
        }
    }

    /** What came back. */
    public enum Kind {
        /** The echo reply, byte for byte what was asked. */
        REPLY,
        /** Destination unreachable: fragmentation needed and DF set; or this host's kernel refused to send it. */
        TOO_BIG,
        /** Destination unreachable for another reason, or time exceeded; or this host has no route to it, or no address to send from. */
        UNREACHABLE,
        /** Nothing in time. */
        NOTHING
    }

    /**
     * The answer to one echo request.
     *
     * @param nanos from the request to the answer
     * @param mtu next-hop MTU in bytes, with {@link Kind#TOO_BIG}; 0 if this host's kernel refused the request
     */
    public record Answer(Kind kind, long nanos, int mtu) {}

    /**
     * The answers to several echo requests.
     *
     * @param medianMillis median round-trip time of the replies; not a number if there is none
     */
    public record Summary(int sent, int received, double medianMillis) {}

    /** Opens a socket in a host. Needs CAP_NET_RAW. */
    public static Ping open(Host from, InetAddress to) {
        boolean ipv6 = to instanceof Inet6Address;
        int protocol = ipv6 ? IpProtocol.ICMPV6 : IpProtocol.ICMP;
        return from.call("ping", TIMEOUT, () -> new Ping(RawSocket.open(ipv6, protocol), to));
    }

    /** Whether requests over IPv4 have DF set and are not fragmented; off at first. */
    public void setDontFragment(boolean on) {
        socket.setPathMtuDiscovery(on ? RawSocket.PMTUDISC_DO : RawSocket.PMTUDISC_DONT);
    }

    /** Sends that many requests, each when the one before is answered or lost. */
    public Summary run(int count, int payload, Duration timeout) {
        double[] millis = new double[count];
        int received = 0;
        for (int i = 0; i < count; i++) {
            Answer got = echo(payload, timeout);
            if (got.kind == Kind.REPLY) {
                millis[received++] = got.nanos / 1e6;
            }
        }
        Arrays.sort(millis, 0, received);
        return new Summary(count, received, received == 0 ? Double.NaN : millis[received / 2]);
    }

    /**
     * Sends one request and waits for its answer.
     *
     * @param payload bytes behind the ICMP header, 0 to {@link #MAX_PAYLOAD}
     * @throws LabException if the reply is not what was sent
     */
    public Answer echo(int payload, Duration timeout) {
        int length = writeRequest(payload);
        batch.iovec(0, 0, out.addressOffset(), length);
        if (ipv6) {
            batch.inet6Address(0, destination.addressOffset(), 0, 0);
        } else {
            batch.inet4Address(0, destination.getInt(0, BIG_ENDIAN), 0);
        }
        long start = System.nanoTime();
        int sent = socket.send(batch, 0, 1);
        if (sent == -Errno.EMSGSIZE) {
            return new Answer(Kind.TOO_BIG, 0, 0);
        }
        if (sent == -Errno.ENETUNREACH || sent == -Errno.EADDRNOTAVAIL) {
            return new Answer(Kind.UNREACHABLE, 0, 0);
        }
        ErrnoException.check(sent, "sendmmsg(ICMP echo request)");
        long deadline = start + timeout.toNanos();
        for (long left = timeout.toNanos(); left > 0; left = deadline - System.nanoTime()) {
            Poll.await(socket.fd(), Epoll.IN, (int) TimeUnit.NANOSECONDS.toMillis(left) + 1);
            Answer got = receive(length, start);
            if (got.kind != Kind.NOTHING) {
                return got;
            }
        }
        return new Answer(Kind.NOTHING, timeout.toNanos(), 0);
    }

    private int writeRequest(int payload) {
        sequence = sequence + 1 & 0xffff;
        int length = Icmpv4Flyweight.HEADER_LENGTH + payload;
        request.type(ipv6 ? Icmpv6Flyweight.ECHO_REQUEST : Icmpv4Flyweight.ECHO_REQUEST)
                .code(0)
                .identifier(identifier)
                .sequence(sequence);
        for (int i = Icmpv4Flyweight.HEADER_LENGTH; i < length; i++) {
            out.putByte(i, (byte) (i * 31 + sequence));
        }
        if (!ipv6) {
            // Of ICMPv6 the kernel computes it, which knows the source address.
            request.updateChecksum(length);
        }
        return length;
    }

    private Answer receive(int requestLength, long start) {
        batch.iovec(0, 0, in.addressOffset(), BUFFER);
        batch.prepareReceive(0, 1);
        while (socket.receive(batch, 0, 1) == 1) {
            Answer got = judge(batch.length(0), requestLength, System.nanoTime() - start);
            if (got.kind != Kind.NOTHING) {
                return got;
            }
            batch.prepareReceive(0, 1);
        }
        return new Answer(Kind.NOTHING, 0, 0);
    }

    private Answer judge(int packetLength, int requestLength, long nanos) {
        if (ipv6) {
            // A raw ICMPv6 socket gives the message without its IPv6 header; both ICMPs have one echo format.
            boolean isReply = answer.wrap(in, 0).type() == Icmpv6Flyweight.ECHO_REPLY && isMine(answer);
            if (isReply) {
                compare(0, packetLength, requestLength);
            }
            return new Answer(isReply ? Kind.REPLY : Kind.NOTHING, nanos, 0);
        }
        int icmp = header.wrap(in, 0).payloadOffset();
        int length = packetLength - icmp;
        answer.wrap(in, icmp);
        if (answer.type() == Icmpv4Flyweight.ECHO_REPLY && isMine(answer)) {
            compare(icmp, length, requestLength);
            return new Answer(Kind.REPLY, nanos, 0);
        }
        if (Icmpv4Flyweight.isError(answer.type()) && quotesMine(answer.payloadOffset(), packetLength)) {
            boolean tooBig = answer.type() == Icmpv4Flyweight.DESTINATION_UNREACHABLE
                    && answer.code() == Icmpv4Flyweight.FRAGMENTATION_NEEDED;
            return tooBig
                    ? new Answer(Kind.TOO_BIG, nanos, answer.nextHopMtu())
                    : new Answer(Kind.UNREACHABLE, nanos, 0);
        }
        return new Answer(Kind.NOTHING, 0, 0);
    }

    private boolean quotesMine(int offset, int end) {
        if (end - offset < Ipv4Flyweight.MIN_HEADER_LENGTH + Icmpv4Flyweight.HEADER_LENGTH) {
            return false;
        }
        header.wrap(in, offset);
        return header.protocol() == IpProtocol.ICMP && isMine(quoted.wrap(in, header.payloadOffset()));
    }

    private boolean isMine(Icmpv4Flyweight icmp) {
        return icmp.identifier() == identifier && icmp.sequence() == sequence;
    }

    private void compare(int icmp, int length, int requestLength) {
        if (length != requestLength) {
            throw new LabException("echo reply of " + length + " bytes to a request of " + requestLength);
        }
        for (int i = Icmpv4Flyweight.HEADER_LENGTH; i < length; i++) {
            if (in.getByte(icmp + i) != out.getByte(i)) {
                throw new LabException("echo reply of " + length + " bytes differs from the request at byte " + i);
            }
        }
    }

    @Override
    public void close() {
        socket.close();
        batch.close();
    }
}
