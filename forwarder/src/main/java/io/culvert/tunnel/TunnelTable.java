package io.culvert.tunnel;

import io.culvert.wire.Addresses;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.collections.IntHashSet;
import org.jspecify.annotations.Nullable;

/**
 * All tunnels, and which of them takes a received packet. Immutable: the conductor publishes a new table for every
 * change, and each batch of packets sees one table from its first packet to its last.
 *
 * <p>The look-up has four passes, as Linux has them: local and remote match; remote matches and local is any; local
 * matches and remote is any, or the packet is for the tunnel's group; both are any. The key must match exactly, its
 * absence included; only the last pass compares the key's value alone. In any pass a tunnel that is bound to the device
 * that the packet came by is taken at once; of the others the last one of the first pass wins, or else the first one of a
 * later pass. Other than in Linux, one that is bound to another device comes after all of these: it would refuse the packet.
 */
@SuppressWarnings("EnumOrdinal") // an index into arrays of this table
public final class TunnelTable {

    private static final Mode[] MODES = Mode.values();

    /** Where the tunnels are that take MPLS in IPv4, whose modes differ, and those that take it in IPv6. */
    private static final int MPLS = MODES.length;

    private static final int IPV6_MPLS = MPLS + 1;
    private static final int INDEXES = IPV6_MPLS + 1;

    /** The look-up key of a packet or tunnel without a GRE key. */
    public static final long NO_KEY = 0;

    /** A table without a tunnel. */
    public static final TunnelTable EMPTY = new TunnelTable(List.of());

    /** Bits of a look-up key in front of a session's UDP port. */
    private static final int PORT_SHIFT = 34;

    private static final long KEY_PRESENT = 1L << 32;
    private static final long KEY_VALUE = 1L << 33;

    private final List<Tunnel> tunnels;
    private final EndpointMap[] byEndpoints = new EndpointMap[INDEXES];

    /** The same without keys, to tell a wrong key from a stranger. */
    private final EndpointMap[] withoutKeys = new EndpointMap[INDEXES];

    private final Set<Endpoints> ipipEndpoints = new HashSet<>();
    private final AddressNumbers ipv6Addresses;
    private final Locals ipv4Locals = new Locals();
    private final Locals ipv6Locals = new Locals();
    private final Int2ObjectHashMap<UdpService> udpServices = new Int2ObjectHashMap<>();
    private final Int2ObjectHashMap<UdpService> ipv6UdpServices = new Int2ObjectHashMap<>();

    /** Where an ipip tunnel stands in the way of one that takes what ipip leaves. */
    private record Endpoints(int remote, int local, int boundIndex) {

        static Endpoints of(Tunnel tunnel) {
            return new Endpoints(tunnel.remote(), tunnel.local(), tunnel.boundIndex());
        }
    }

    /** The outer addresses of one IP version that packets of tunnels may be sent to. */
    private static final class Locals {
        private final IntHashSet addresses = new IntHashSet();
        private boolean any;

        void add(int address) {
            addresses.add(address);
            any |= address == 0;
        }

        boolean has(int address) {
            return any || addresses.contains(address);
        }
    }

    /** @param tunnels in the order in which they were added */
    public TunnelTable(List<Tunnel> tunnels) {
        this.tunnels = List.copyOf(tunnels);
        ipv6Addresses = new AddressNumbers(ipv6Addresses(tunnels));
        for (Tunnel tunnel : tunnels) {
            if (tunnel.spec().mode() == Mode.IPIP) {
                ipipEndpoints.add(Endpoints.of(tunnel));
            }
        }
        index(tunnels);
        for (Tunnel tunnel : tunnels) {
            Locals locals = tunnel.spec().mode().isOuterIpv6() ? ipv6Locals : ipv4Locals;
            locals.add(address(tunnel, tunnel.spec().local()));
            if (tunnel.spec().hasGroup()) {
                ipv4Locals.add(tunnel.remote());
            }
            UdpService service = tunnel.spec().udpService();
            if (service != null) {
                (service.ipv6() ? ipv6UdpServices : udpServices).put(service.port(), service);
            }
        }
    }

    private static List<Inet6Address> ipv6Addresses(List<Tunnel> tunnels) {
        return tunnels.stream()
                .flatMap(
                        tunnel -> Stream.of(tunnel.spec().local(), tunnel.spec().remote()))
                .filter(Inet6Address.class::isInstance)
                .map(Inet6Address.class::cast)
                .toList();
    }

    /** A tunnel's outer address as the look-up has it. */
    private int address(Tunnel tunnel, @Nullable InetAddress address) {
        return tunnel.spec().mode().isOuterIpv6() ? ipv6Addresses.of(address) : Addresses.toInt(address);
    }

    /** What {@link #find} takes for an outer IPv6 address, given in host order. */
    int ipv6Address(long high, long low) {
        return ipv6Addresses.of(high, low);
    }

    /** The tunnels, in the order in which they were added. */
    public List<Tunnel> tunnels() {
        return tunnels;
    }

    /** The tunnel of that name; null if there is none. */
    public @Nullable Tunnel named(String name) {
        for (Tunnel tunnel : tunnels) {
            if (tunnel.spec().name().equals(name)) {
                return tunnel;
            }
        }
        return null;
    }

    /** What is received at a UDP port over that IP version; null if no tunnel has it. */
    @Nullable
    UdpService udpService(boolean ipv6, int port) {
        return (ipv6 ? ipv6UdpServices : udpServices).get(port);
    }

    /** A packet's or tunnel's GRE key as look-up key. */
    public static long key(int greKey) {
        return KEY_PRESENT | (greKey & 0xffff_ffffL);
    }

    /** A session of L2TPv3 as look-up key: over UDP its ID is one of the port's, not of the host's. */
    static long sessionKey(int sessionId, int port) {
        return key(sessionId) | (long) port << PORT_SHIFT;
    }

    /**
     * The tunnel that takes a packet.
     *
     * @param source outer source: IPv4 in host order, IPv6 by {@link #ipv6Address}
     * @param destination outer destination in the same way
     * @param key {@link #NO_KEY} or {@link #key(int)}
     * @param arrivalIndex index of the device that the packet came by
     * @return null if none does
     */
    public @Nullable Tunnel find(Mode mode, int source, int destination, long key, int arrivalIndex) {
        return find(mode.ordinal(), mode.isKeyed(), source, destination, key, arrivalIndex);
    }

    private @Nullable Tunnel find(int index, boolean isKeyed, int source, int destination, long key, int arrivalIndex) {
        EndpointMap map = byEndpoints[index];
        if (!map.hasWildcards()) {
            Tunnel sole = map.sole(source, destination, key);
            if (sole != null) {
                return sole;
            }
        }
        Tunnel candidate = null;
        Tunnel[] exact = map.get(source, destination, key);
        for (Tunnel tunnel : exact) {
            if (tunnel.boundIndex() == arrivalIndex) {
                return tunnel;
            }
            if (candidate == null || tunnel.boundIndex() == 0 || candidate.boundIndex() != 0) {
                candidate = tunnel;
            }
        }
        if (!map.hasWildcards()) {
            return candidate;
        }
        candidate = wildcard(map.get(source, 0, key), arrivalIndex, candidate);
        if (candidate == null || candidate.boundIndex() != arrivalIndex) {
            candidate = wildcard(map.get(0, destination, key), arrivalIndex, candidate);
        }
        if (isKeyed && (candidate == null || candidate.boundIndex() != arrivalIndex)) {
            candidate = wildcard(map.get(0, 0, valueOf(key)), arrivalIndex, candidate);
        }
        return candidate;
    }

    /** Gives the slot to the tunnel that takes it, or says why none does; returns whether one took it. */
    boolean assign(Slot slot, Mode mode, long key) {
        Tunnel tunnel = find(mode, slot.outerSource, slot.outerDestination, key, slot.arrivalIndex);
        if (tunnel == null) {
            refuse(slot, mode.ordinal(), mode.isOuterIpv6());
            return false;
        }
        return assign(slot, tunnel);
    }

    /** Whether a tunnel of that mode takes packets with the slot's outer addresses, whatever their key; not of groups. */
    boolean hasEndpoints(Slot slot, Mode mode) {
        EndpointMap map = withoutKeys[mode.ordinal()];
        return map.has(slot.outerSource, slot.outerDestination, NO_KEY) || map.has(slot.outerSource, 0, NO_KEY);
    }

    /** The same of MPLS in IP. */
    boolean assignMpls(Slot slot, boolean ipv6) {
        int index = ipv6 ? IPV6_MPLS : MPLS;
        Tunnel tunnel = find(index, false, slot.outerSource, slot.outerDestination, NO_KEY, slot.arrivalIndex);
        if (tunnel == null) {
            refuse(slot, index, ipv6);
            return false;
        }
        return assign(slot, tunnel);
    }

    private boolean assign(Slot slot, Tunnel tunnel) {
        slot.tunnel = tunnel;
        if ((tunnel.hasGroup() || tunnel.peers() != null) && !isPeer(slot.outerSource)) {
            slot.drop(DropReason.OUTER_SOURCE);
            return false;
        }
        if (tunnel.encapPort() != slot.encapPort) {
            slot.drop(DropReason.ENCAP_MISMATCH);
            return false;
        }
        if (tunnel.boundIndex() != 0 && tunnel.boundIndex() != slot.arrivalIndex) {
            slot.drop(DropReason.WRONG_DEVICE);
            return false;
        }
        return true;
    }

    /** Whether that may be a peer's address where none is configured: a unicast one, and no tunnel's own. */
    private boolean isPeer(int source) {
        return !Martians.isIpv4Source(source) && !ipv4Locals.addresses.contains(source);
    }

    private void refuse(Slot slot, int index, boolean ipv6) {
        int source = slot.outerSource;
        int destination = slot.outerDestination;
        EndpointMap map = withoutKeys[index];
        if (map.has(source, destination, NO_KEY)
                || map.has(source, 0, NO_KEY)
                || (destination >>> 28 == 0xe && map.has(0, destination, NO_KEY))) {
            slot.drop(DropReason.KEY_MISMATCH);
        } else if ((ipv6 ? ipv6Locals : ipv4Locals).has(destination)) {
            slot.drop(DropReason.NO_TUNNEL);
        } else {
            slot.verdict = Verdict.IGNORE;
        }
    }

    private static @Nullable Tunnel wildcard(Tunnel[] matches, int arrivalIndex, @Nullable Tunnel candidate) {
        Tunnel best = candidate;
        for (Tunnel tunnel : matches) {
            if (tunnel.boundIndex() == arrivalIndex) {
                return tunnel;
            }
            if (best == null || (best.boundIndex() != 0 && tunnel.boundIndex() == 0)) {
                best = tunnel;
            }
        }
        return best;
    }

    /** The key by its value alone: no key is key 0. */
    private static long valueOf(long key) {
        return KEY_VALUE | (key & 0xffff_ffffL);
    }

    /**
     * Under which indexes a tunnel is looked up. Of IPv4 in IPv4, sit and minenc take what ipip leaves, and of MPLS in IPv4
     * sit does.
     */
    private Set<Integer> indexes(Tunnel tunnel) {
        TunnelSpec spec = tunnel.spec();
        Set<Integer> indexes = new HashSet<>();
        switch (spec.mode().identity()) {
            case IPIP, SIT -> {
                boolean mayTake = spec.mode() == Mode.IPIP || takesWhatIpipLeaves(tunnel);
                addIf(spec.carries(6), Mode.SIT.ordinal(), indexes);
                addIf(spec.carries(4) && mayTake, Mode.IPIP.ordinal(), indexes);
                addIf(spec.carriesMpls() && mayTake, MPLS, indexes);
            }
            case MINENC -> {
                indexes.add(Mode.MINENC.ordinal());
                addIf(takesWhatIpipLeaves(tunnel), Mode.IPIP.ordinal(), indexes);
            }
            default -> {
                spec.mode().received().forEach(mode -> indexes.add(mode.ordinal()));
                addIf(spec.mode() == Mode.ANY6, IPV6_MPLS, indexes);
            }
        }
        return indexes;
    }

    private static void addIf(boolean condition, int index, Set<Integer> indexes) {
        if (condition) {
            indexes.add(index);
        }
    }

    private boolean takesWhatIpipLeaves(Tunnel tunnel) {
        return !ipipEndpoints.contains(Endpoints.of(tunnel));
    }

    /** What received packets of a tunnel carry as key: of mode vti the SPI of each of its security associations. */
    private static long[] keys(Tunnel tunnel) {
        if (tunnel.spec().mode().isProtected()) {
            return tunnel.spec().sa().stream()
                    .filter(association -> !association.isOutbound())
                    .mapToLong(association -> key(association.spi()))
                    .toArray();
        }
        if (tunnel.spec().mode().isL2tp()) {
            TunnelSpec spec = tunnel.spec();
            return new long[] {sessionKey(spec.l2tp().sessionId(), spec.sessionPort())};
        }
        Integer ikey = tunnel.spec().receivedKey();
        return new long[] {ikey == null ? NO_KEY : key(ikey)};
    }

    private void index(List<Tunnel> all) {
        Map<Integer, List<EndpointMap.Entry>> keyed = new HashMap<>();
        Map<Integer, List<EndpointMap.Entry>> keyless = new HashMap<>();
        for (Tunnel tunnel : all) {
            // To a group any member sends, and nobody sends it to this end's own address.
            boolean hasGroup = tunnel.spec().hasGroup();
            int remote = hasGroup ? 0 : address(tunnel, tunnel.spec().remote());
            int local = address(
                    tunnel, hasGroup ? tunnel.spec().remote() : tunnel.spec().local());
            for (Integer index : indexes(tunnel)) {
                List<EndpointMap.Entry> entries = keyed.computeIfAbsent(index, _ -> new ArrayList<>());
                for (long key : keys(tunnel)) {
                    entries.add(new EndpointMap.Entry(remote, local, key, tunnel));
                    if (remote == 0 && local == 0) {
                        entries.add(new EndpointMap.Entry(0, 0, valueOf(key), tunnel));
                    }
                }
                keyless.computeIfAbsent(index, _ -> new ArrayList<>())
                        .add(new EndpointMap.Entry(remote, local, NO_KEY, tunnel));
            }
        }
        for (int index = 0; index < INDEXES; index++) {
            byEndpoints[index] = EndpointMap.of(keyed.getOrDefault(index, List.of()));
            withoutKeys[index] = EndpointMap.of(keyless.getOrDefault(index, List.of()));
        }
    }
}
