package io.culvert.gateway;

import io.culvert.icmp.ErrorKind;
import io.culvert.icmp.OuterError;
import io.culvert.linux.Epoll;
import io.culvert.linux.ErrnoException;
import io.culvert.pipeline.DataPath;
import io.culvert.tunnel.OuterHeader;
import io.culvert.tunnel.Tunnel;
import io.culvert.wire.Addresses;
import io.culvert.wire.Ipv6Flyweight;
import java.net.InetAddress;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Listens to the ICMP errors about outer packets, and decides which of them to believe: RFC 5927 section 7. One must quote
 * a packet that a tunnel sends, down to key, ports or SPI as far as the quote goes, and over IPv4 an identification that was
 * used in the last seconds. The kernel itself learns nothing by them, for its routes would believe any quote. The
 * conductor's thread only.
 */
final class OuterErrors implements AutoCloseable {

    /** Errors looked at in a second; what is more stays in the kernel, which drops it when its buffer is full. */
    private static final int PER_SECOND = 1000;

    private final DataPath path;
    private final PathMtus pathMtus;
    private final Epoll epoll = Epoll.open(2);
    private final OuterError error = new OuterError();
    private final QuoteRelay relay = new QuoteRelay();
    private final RecentIdentifications recent;
    private final Map<ErrorRefusal, Long> refused = new EnumMap<>(ErrorRefusal.class);
    private final Set<InetAddress> changed = new HashSet<>();
    private @Nullable ErrorSocket ipv4;
    private @Nullable ErrorSocket ipv6;
    private int left = PER_SECOND;

    OuterErrors(DataPath path, PathMtus pathMtus) {
        this.path = path;
        this.pathMtus = pathMtus;
        recent = new RecentIdentifications(path.nextIdentification());
    }

    /** A descriptor that is readable when errors wait. */
    int fd() {
        return epoll.fd();
    }

    /**
     * Has sockets for the IP versions that outer packets have.
     *
     * @throws ErrnoException if the kernel refuses a socket
     */
    void update(boolean overIpv4, boolean overIpv6) {
        ipv4 = update(ipv4, overIpv4, false);
        ipv6 = update(ipv6, overIpv6, true);
    }

    private @Nullable ErrorSocket update(@Nullable ErrorSocket present, boolean wanted, boolean overIpv6) {
        if (wanted == (present != null)) {
            return present;
        }
        if (present != null) {
            close(present);
            return null;
        }
        ErrorSocket socket = new ErrorSocket(overIpv6);
        if (left > 0) {
            epoll.add(socket.fd(), Epoll.IN, 0);
        }
        return socket;
    }

    /**
     * Reads what waits.
     *
     * @return the outer destinations whose path MTU is another one now
     */
    Set<InetAddress> read(Collection<Tunnel> tunnels, DeviceNames devices) {
        changed.clear();
        if (left > 0) {
            read(ipv4, tunnels, devices);
            read(ipv6, tunnels, devices);
            if (left == 0) {
                watch(false);
            }
        }
        return changed;
    }

    private void read(@Nullable ErrorSocket socket, Collection<Tunnel> tunnels, DeviceNames devices) {
        if (socket == null) {
            return;
        }
        ErrorSocket.Outcome outcome = ErrorSocket.Outcome.MALFORMED;
        while (left > 0 && outcome != ErrorSocket.Outcome.NOTHING) {
            outcome = socket.receive(error);
            if (outcome != ErrorSocket.Outcome.NOTHING) {
                left--;
                ErrorRefusal refusal = outcome == ErrorSocket.Outcome.MALFORMED
                        ? ErrorRefusal.MALFORMED
                        : judge(socket.arrivalIndex(), tunnels, devices);
                if (refusal != null) {
                    refused.merge(refusal, 1L, Long::sum);
                }
            }
        }
    }

    /** Does what the error asks for, or says why not. */
    private @Nullable ErrorRefusal judge(int arrivalIndex, Collection<Tunnel> tunnels, DeviceNames devices) {
        if (devices.isTunnel(arrivalIndex)) {
            return ErrorRefusal.FROM_TUNNEL;
        }
        ErrorRefusal refusal = ErrorRefusal.NO_TUNNEL;
        for (Tunnel tunnel : tunnels) {
            OuterHeader header = tunnel.quotedBy(error);
            if (header != null) {
                if (!header.hasOwnIdentification()
                        || recent.contains(error.identification(), path.nextIdentification())) {
                    return believe(tunnel, header);
                }
                refusal = ErrorRefusal.NOT_SENT;
            }
        }
        return refusal;
    }

    private @Nullable ErrorRefusal believe(Tunnel tunnel, OuterHeader header) {
        if (error.kind() == ErrorKind.TOO_BIG) {
            ErrorRefusal refusal = learn(tunnel, header);
            if (refusal != null) {
                return refusal;
            }
        }
        tunnel.icmpCounters().received(error.kind());
        relay.relay(error, tunnel, header);
        return null;
    }

    /** Whatever an error says, a path MTU only falls by it, and only if the quoted packet was too big for that. */
    private @Nullable ErrorRefusal learn(Tunnel tunnel, OuterHeader header) {
        long mtu = error.word();
        boolean isPossible = error.dontFragment()
                && mtu < error.length()
                && mtu < header.route().mtu()
                && (!error.isIpv6() || mtu >= Ipv6Flyweight.MIN_MTU);
        if (!isPossible) {
            return ErrorRefusal.NO_NEWS;
        }
        InetAddress remote = tunnel.spec().remote();
        InetAddress destination = remote == null ? Addresses.ipv4(error.ipv4Destination()) : remote;
        long now = System.nanoTime();
        if (error.isIpv6()) {
            pathMtus.learnIpv6(destination, (int) mtu, now);
        } else {
            pathMtus.learnIpv4(destination, (int) mtu, now);
        }
        tunnel.icmpCounters().learntPathMtu();
        changed.add(destination);
        return null;
    }

    /** Once a second: errors are looked at again, and identifications grow old. */
    void tick() {
        recent.tick(path.nextIdentification());
        if (left == 0) {
            watch(true);
        }
        left = PER_SECOND;
    }

    /** Errors that were not believed, by reason. */
    Map<ErrorRefusal, Long> refused() {
        Map<ErrorRefusal, Long> all = new EnumMap<>(refused);
        long dropped = drops(ipv4) + drops(ipv6);
        if (dropped > 0) {
            all.put(ErrorRefusal.RATE_LIMIT, dropped);
        }
        return all;
    }

    private static long drops(@Nullable ErrorSocket socket) {
        return socket == null ? 0 : socket.kernelDrops();
    }

    private void watch(boolean on) {
        for (ErrorSocket socket : new ErrorSocket[] {ipv4, ipv6}) {
            if (socket != null) {
                if (on) {
                    epoll.add(socket.fd(), Epoll.IN, 0);
                } else {
                    epoll.remove(socket.fd());
                }
            }
        }
    }

    private void close(ErrorSocket socket) {
        if (left > 0) {
            epoll.remove(socket.fd());
        }
        socket.close();
    }

    @Override
    public void close() {
        update(false, false);
        epoll.close();
    }
}
