package io.culvert.tunnel;

import io.culvert.esp.SaSpec;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv6Flyweight;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A tunnel as its user asked for it: immutable, checked by {@link #problems()}, the same for file, command line and
 * control socket.
 *
 * @param name device name, 1 to 15 bytes
 * @param mode encapsulation
 * @param local outer source; null for any
 * @param remote outer destination; null for any
 * @param dev underlay device the tunnel is bound to; null for any
 * @param ttl outer TTL or hop limit 1 to 255, or 0 to inherit the inner one
 * @param tos outer TOS as the kernel keeps it: bit 0 set means inherit, the other bits the fixed value or, with bit 0,
 *     the value for payloads that have none
 * @param ikey key that received packets must carry; null for none
 * @param okey key that sent packets carry; null for none
 * @param iseq drop packets out of sequence
 * @param oseq number sent packets
 * @param icsum require a checksum on receive
 * @param ocsum compute a checksum on send
 * @param pmtudisc set DF on every outer header
 * @param mtu device MTU in bytes, or 0 to compute it from the underlay
 * @param ipv6 what only outer IPv6 headers have; of no effect with an outer IPv4 header
 * @param addresses put on the device
 * @param routes sent into the device
 * @param innerSource inner sources accepted from the peer; empty accepts any
 * @param encap UDP between outer header and shim; null for none
 * @param keepalive probes of the peer, mode gre only; null for none
 * @param payload what is carried, modes sit and ipip only
 * @param sit what only modes sit and isatap have
 * @param erspan what only modes erspan and ip6erspan have
 * @param l2tp what only modes l2tp and ip6l2tp have
 * @param sa security associations, mode vti only; of those in one direction the last one protects what is sent
 */
public record TunnelSpec(
        String name,
        Mode mode,
        @Nullable InetAddress local,
        @Nullable InetAddress remote,
        @Nullable String dev,
        int ttl,
        int tos,
        @Nullable Integer ikey,
        @Nullable Integer okey,
        boolean iseq,
        boolean oseq,
        boolean icsum,
        boolean ocsum,
        boolean pmtudisc,
        int mtu,
        Ipv6Outer ipv6,
        List<Prefix> addresses,
        List<Prefix> routes,
        List<Prefix> innerSource,
        @Nullable UdpEncap encap,
        @Nullable Keepalive keepalive,
        Payload payload,
        SitOptions sit,
        ErspanOptions erspan,
        L2tpOptions l2tp,
        List<SaSpec> sa) {

    /** Longest device name in bytes: IFNAMSIZ less its terminating zero. */
    public static final int MAX_NAME_LENGTH = 15;

    /** Lowest MTU that IPv4 allows, RFC 791 section 3.2. */
    public static final int MIN_MTU = 68;

    private static final int DEFAULT_HOP_LIMIT = 64;
    private static final int BROADCAST = 0xffff_ffff;

    public TunnelSpec {
        addresses = List.copyOf(addresses);
        routes = List.copyOf(routes);
        innerSource = List.copyOf(innerSource);
        sa = List.copyOf(sa);
    }

    /**
     * One thing that is wrong with a specification.
     *
     * @param key the key of {@code culvert.toml} that is wrong, with {@code [INDEX]} behind it for one value of a list
     * @param message what is wrong with it, with its value
     * @param hint what to write instead
     */
    public record Problem(String key, String message, String hint) {}

    /**
     * What the receive look-up tells tunnels apart by.
     *
     * @param mode of modes that share one look-up, the one that stands for them
     * @param local outer source; null for any
     * @param remote outer destination; null for any
     * @param ikey key that received packets must carry; null for none
     * @param dev underlay device the tunnel is bound to; null for any
     */
    public record Identity(
            Mode mode,
            @Nullable InetAddress local,
            @Nullable InetAddress remote,
            @Nullable Integer ikey,
            @Nullable String dev) {}

    /** What no other tunnel may have. */
    public Identity identity() {
        return new Identity(mode.identity(), local, remote, receivedKey(), dev);
    }

    /**
     * The key that received packets must carry, null for none; of ERSPAN types II and III and of L2TPv3 the session, which
     * is always there.
     */
    @Nullable
    Integer receivedKey() {
        if (mode.isL2tp()) {
            return l2tp.sessionId();
        }
        return ikey == null && mode.isErspan() && erspan.hasHeader() ? Integer.valueOf(0) : ikey;
    }

    /** What the tunnel's UDP port receives; null without encap. */
    public @Nullable UdpService udpService() {
        if (encap == null) {
            return null;
        }
        // What cannot say what it carries, carries one thing only: see problems().
        boolean isFou = encap.kind() == UdpEncap.Kind.FOU;
        return new UdpService(
                mode.isOuterIpv6(),
                encap.receivingPort(),
                encap.kind(),
                isFou ? payloads().iterator().next().number() : 0);
    }

    /** The same under another name. */
    public TunnelSpec withName(String device) {
        return toBuilder(device).build();
    }

    /** The same with other options of modes sit and isatap. */
    public TunnelSpec withSit(SitOptions options) {
        return toBuilder(name).sit(options).build();
    }

    /** Whether each packet has its own outer destination. */
    public boolean isMultipoint() {
        return remote == null && !mode.isOuterIpv6();
    }

    /** Whether the remote is a multicast group: everybody who has the same group there is a member. */
    public boolean hasGroup() {
        return remote != null && remote.isMulticastAddress() && (mode == Mode.GRE || mode == Mode.IPIP);
    }

    /** What the tunnel's outer packets are received as. */
    public Set<OuterProtocol> outerProtocols() {
        return encap == null
                ? payloads()
                : Set.of(new OuterProtocol(mode.isOuterIpv6(), IpProtocol.UDP, encap.receivingPort()));
    }

    /** What stands behind the outer header, or behind UDP. */
    Set<OuterProtocol> payloads() {
        return mode.choosesPayload() ? payload.outerProtocols(mode) : mode.outerProtocols();
    }

    /** Whether it carries inner packets of that IP version; only of a tunnel that carries packets, and not frames. */
    boolean carries(int innerVersion) {
        return switch (mode) {
            case SIT, IPIP -> payload.carries(mode, innerVersion);
            case MINENC, IPIP6 -> innerVersion == 4;
            case ISATAP, IP6IP6 -> innerVersion == 6;
            default -> true;
        };
    }

    /** Whether it carries MPLS packets: RFC 4023. */
    boolean carriesMpls() {
        return switch (mode) {
            case SIT, IPIP -> payload.carriesMpls();
            case ANY6, GRE, IP6GRE -> true;
            default -> false;
        };
    }

    /** Whether its user has said that it is to carry MPLS; other modes that do carry it without being asked. */
    public boolean asksForMpls() {
        return mode.choosesPayload() && payload.carriesMpls();
    }

    /** Whether it carries packets that are not IP, so that its device must name the protocol of each. */
    public boolean namesProtocols() {
        return carriesMpls();
    }

    /** The payload/outer pair that {@code ip tunnel show} prints. */
    public String family() {
        return mode.choosesPayload() ? payload.shown() + "/ip" : mode.family();
    }

    /** Lowest MTU that its device may have, in bytes: IPv6 needs more than IPv4. */
    public int minMtu() {
        return mode.identity() == Mode.SIT || mode.isOuterIpv6() ? Ipv6Flyweight.MIN_MTU : MIN_MTU;
    }

    /** Everything that is wrong with this specification; empty if it can be built. */
    public List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        if (!isValidName(name)) {
            problems.add(new Problem(
                    "name",
                    "\"" + name + "\" is not a device name",
                    "use 1 to " + MAX_NAME_LENGTH + " characters without space, '/' or ':', and not '.' or '..'"));
        }
        outerAddressProblem("local", local, problems);
        if (hasGroup()) {
            groupProblems(problems);
        } else {
            outerAddressProblem("remote", remote, problems);
        }
        if (local != null && local.equals(remote)) {
            problems.add(new Problem("remote", "remote equals local", "name the other end of the tunnel"));
        }
        if (remote == null && mode.isOuterIpv6()) {
            problems.add(new Problem(
                    "remote",
                    "mode " + mode.word() + " needs a remote: multipoint is not available",
                    "set remote to the peer's outer address"));
        } else if (remote == null && local == null) {
            problems.add(new Problem(
                    "remote",
                    "a tunnel without a remote needs a local address",
                    "set remote to the peer's outer address, or local to this end's for multipoint"));
        }
        if (mode.isEthernet()) {
            ethernetProblems(problems);
        }
        if (mode.isErspan()) {
            erspan.addProblems(this, problems);
        }
        if (mode.isL2tp()) {
            l2tp.addProblems(this, problems);
        }
        if (ttl < 0 || ttl > 255) {
            problems.add(new Problem("ttl", ttl + " is not a TTL", "use 1 to 255, or \"inherit\""));
        }
        if (ttl != 0 && !pmtudisc && !mode.isOuterIpv6()) {
            problems.add(new Problem(
                    "pmtudisc", "ttl " + ttl + " and pmtudisc off are incompatible", "use ttl \"inherit\""));
        }
        if (tos < 0 || tos > 255) {
            problems.add(new Problem("tos", tos + " is not a TOS value", "use 0x00 to 0xff, or \"inherit\""));
        }
        if (mode == Mode.MINENC) {
            minencProblems(problems);
        }
        if (!payload.isOf(mode)) {
            payloadProblem(problems);
        }
        sit.addProblems(mode, remote != null, problems);
        if (!mode.isKeyed()) {
            unkeyedProblems(problems);
        }
        if (mode.isOuterIpv6()) {
            outerIpv6Problems(problems);
        }
        if (mtu != 0 && (mtu < minMtu() || mtu > 65_535 - 20)) {
            problems.add(new Problem("mtu", mtu + " is not an MTU", "use " + minMtu() + " to 65515, or leave it out"));
        }
        if (encap != null) {
            encap.addProblems(this, problems);
        }
        if (keepalive != null) {
            keepalive.addProblems(this, problems);
        }
        associationProblems(problems);
        networkProblems("routes", routes, problems);
        networkProblems("inner-source", innerSource, problems);
        return problems;
    }

    /** Whether the kernel takes that text as a device name. */
    public static boolean isValidName(String name) {
        if (name.isEmpty() || name.length() > MAX_NAME_LENGTH || name.equals(".") || name.equals("..")) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '/' || c == ':') {
                return false;
            }
        }
        return true;
    }

    private void outerIpv6Problems(List<Problem> problems) {
        if (!ipv6.isEncapLimitValid()) {
            problems.add(new Problem("encaplimit", ipv6.encapLimit() + " is not a limit", "use 0 to 255, or \"none\""));
        }
        if (!ipv6.isTrafficClassValid()) {
            problems.add(new Problem(
                    "tclass", ipv6.trafficClass() + " is not a traffic class", "use 0x00 to 0xff, or \"inherit\""));
        }
        if (!ipv6.isFlowLabelValid()) {
            problems.add(new Problem(
                    "flowlabel", ipv6.flowLabel() + " is not a flow label", "use 0 to 0xfffff, or \"inherit\""));
        }
        if (remote != null && remote.isLinkLocalAddress() && dev == null) {
            problems.add(new Problem(
                    "dev", "the link-local remote " + remote.getHostAddress() + " needs a device", "add dev"));
        }
    }

    private void outerAddressProblem(String key, @Nullable InetAddress address, List<Problem> problems) {
        if (address == null) {
            return;
        }
        if (mode.isOuterIpv6()) {
            if (!(address instanceof Inet6Address)) {
                problems.add(new Problem(
                        key,
                        address.getHostAddress() + " is not an IPv6 address, which mode " + mode.word() + " needs",
                        "use an IPv6 address"));
            } else if (address.isMulticastAddress() || address.isLoopbackAddress()) {
                problems.add(new Problem(
                        key, address.getHostAddress() + " cannot be a tunnel endpoint", "use a unicast address"));
            }
        } else if (!(address instanceof java.net.Inet4Address)) {
            problems.add(new Problem(key, address.getHostAddress() + " is not an IPv4 address", "use an IPv4 address"));
        } else if (address.isMulticastAddress()
                || address.isLoopbackAddress()
                || address.getAddress()[0] == 0
                || Tunnel.toInt(address) == BROADCAST) {
            String hint = key.equals("remote") && address.isMulticastAddress()
                    ? "use a unicast address, or mode gre or ipip"
                    : "use a unicast address";
            problems.add(new Problem(key, address.getHostAddress() + " cannot be a tunnel endpoint", hint));
        }
    }

    private void groupProblems(List<Problem> problems) {
        String group = Objects.requireNonNull(remote).getHostAddress();
        if (local == null) {
            problems.add(new Problem(
                    "local", "the multicast remote " + group + " needs a local address", "add this end's address"));
        }
        if (encap != null) {
            problems.add(
                    new Problem("encap", "encap is not allowed with the multicast remote " + group, "leave it out"));
        }
        if (keepalive != null) {
            problems.add(new Problem(
                    "keepalive",
                    "keepalive is not allowed with the multicast remote " + group + ", as no single peer answers",
                    "leave it out"));
        }
    }

    /** The outer header is the packet's own, so nothing about it can be chosen. */
    private void minencProblems(List<Problem> problems) {
        String why = " is not allowed with mode minenc, which keeps the packet's own header";
        if (ttl != 0) {
            problems.add(new Problem("ttl", "a fixed ttl" + why, "use ttl \"inherit\""));
        }
        if (tos != 0) {
            problems.add(new Problem("tos", "tos" + why, "leave it out"));
        }
        if (remote == null && local != null) {
            problems.add(new Problem("remote", "mode minenc needs a remote", "set remote to the peer's outer address"));
        }
    }

    private void payloadProblem(List<Problem> problems) {
        String hint = mode == Mode.IPIP ? "use mode sit" : "use mode sit, or leave it out";
        problems.add(
                new Problem("proto", "proto \"" + payload.word() + "\" is not allowed with mode " + mode.word(), hint));
    }

    private void ethernetProblems(List<Problem> problems) {
        if (remote == null && !mode.isOuterIpv6()) {
            problems.add(new Problem(
                    "remote",
                    "mode " + mode.word() + " needs a remote: no route of a device tells where a frame goes",
                    "set remote to the peer's outer address"));
        }
        if (!innerSource.isEmpty()) {
            problems.add(new Problem(
                    "inner-source",
                    "inner-source is not allowed with mode " + mode.word() + ", which carries more than IP",
                    "leave it out, and filter on the device"));
        }
    }

    private void unkeyedProblems(List<Problem> problems) {
        String why = " is not allowed with mode " + mode.word();
        String hint = "use mode " + (mode.isOuterIpv6() ? "ip6gre" : "gre") + ", or leave it out";
        if (!mode.isProtected() && (ikey != null || okey != null)) {
            problems.add(new Problem(ikey != null ? "ikey" : "okey", "a key" + why, hint));
        }
        if (!mode.isL2tp() && (iseq || oseq)) {
            problems.add(new Problem(iseq ? "iseq" : "oseq", "a sequence number" + why, hint));
        }
        if (icsum || ocsum) {
            problems.add(new Problem(icsum ? "icsum" : "ocsum", "a checksum" + why, hint));
        }
    }

    private void associationProblems(List<Problem> problems) {
        if (!mode.isProtected() && !sa.isEmpty()) {
            problems.add(new Problem(
                    "sa", "security associations are not allowed with mode " + mode.word(), "use mode vti or vti6"));
        }
        Set<String> spis = new HashSet<>();
        for (int i = 0; i < sa.size(); i++) {
            String key = "sa[" + i + "]";
            for (SaSpec.Problem problem : sa.get(i).problems()) {
                problems.add(new Problem(key, problem.key() + ": " + problem.message(), problem.hint()));
            }
            if (!spis.add(sa.get(i).direction().word() + sa.get(i).spi())) {
                problems.add(new Problem(key, "spi: another association of this direction has it", "use another SPI"));
            }
        }
    }

    private static void networkProblems(String key, List<Prefix> prefixes, List<Problem> problems) {
        for (int i = 0; i < prefixes.size(); i++) {
            Prefix prefix = prefixes.get(i);
            if (!prefix.isNetwork()) {
                problems.add(new Problem(
                        key + "[" + i + "]",
                        prefix + " has host bits set",
                        "clear the bits beyond /" + prefix.length()));
            }
        }
    }

    /** The TTL or hop limit of a tunnel for which none is named; 0 inherits. */
    public static int defaultTtl(Mode mode) {
        return mode.isOuterIpv6() ? DEFAULT_HOP_LIMIT : 0;
    }

    private Builder toBuilder(String device) {
        return builder(device, mode)
                .local(local)
                .remote(remote)
                .dev(dev)
                .ttl(ttl)
                .tos(tos)
                .ikey(ikey)
                .okey(okey)
                .iseq(iseq)
                .oseq(oseq)
                .icsum(icsum)
                .ocsum(ocsum)
                .pmtudisc(pmtudisc)
                .mtu(mtu)
                .ipv6(ipv6)
                .addresses(addresses)
                .routes(routes)
                .innerSource(innerSource)
                .encap(encap)
                .keepalive(keepalive)
                .payload(payload)
                .sit(sit)
                .erspan(erspan)
                .l2tp(l2tp)
                .sa(sa);
    }

    /** A builder for that name and mode, everything else at {@code ip tunnel add}'s defaults. */
    public static Builder builder(String name, Mode mode) {
        return new Builder(name, mode);
    }

    /** Collects a specification's values; one thread. */
    public static final class Builder {
        private final String name;
        private final Mode mode;
        private @Nullable InetAddress local;
        private @Nullable InetAddress remote;
        private @Nullable String dev;
        private int ttl;
        private int tos;
        private @Nullable Integer ikey;
        private @Nullable Integer okey;
        private boolean iseq;
        private boolean oseq;
        private boolean icsum;
        private boolean ocsum;
        private boolean pmtudisc = true;
        private int mtu;
        private Ipv6Outer ipv6 = Ipv6Outer.DEFAULT;
        private List<Prefix> addresses = List.of();
        private List<Prefix> routes = List.of();
        private List<Prefix> innerSource = List.of();
        private @Nullable UdpEncap encap;
        private @Nullable Keepalive keepalive;
        private Payload payload;
        private SitOptions sit = SitOptions.DEFAULT;
        private ErspanOptions erspan = ErspanOptions.DEFAULT;
        private L2tpOptions l2tp = L2tpOptions.DEFAULT;
        private List<SaSpec> sa = List.of();

        private Builder(String name, Mode mode) {
            this.name = name;
            this.mode = mode;
            ttl = defaultTtl(mode);
            payload = Payload.defaultOf(mode);
        }

        public Builder local(@Nullable InetAddress address) {
            local = address;
            return this;
        }

        public Builder remote(@Nullable InetAddress address) {
            remote = address;
            return this;
        }

        public Builder dev(@Nullable String device) {
            dev = device;
            return this;
        }

        public Builder ttl(int value) {
            ttl = value;
            return this;
        }

        public Builder tos(int value) {
            tos = value;
            return this;
        }

        public Builder key(@Nullable Integer value) {
            return ikey(value).okey(value);
        }

        public Builder ikey(@Nullable Integer value) {
            ikey = value;
            return this;
        }

        public Builder okey(@Nullable Integer value) {
            okey = value;
            return this;
        }

        public Builder seq(boolean on) {
            return iseq(on).oseq(on);
        }

        public Builder iseq(boolean on) {
            iseq = on;
            return this;
        }

        public Builder oseq(boolean on) {
            oseq = on;
            return this;
        }

        public Builder csum(boolean on) {
            return icsum(on).ocsum(on);
        }

        public Builder icsum(boolean on) {
            icsum = on;
            return this;
        }

        public Builder ocsum(boolean on) {
            ocsum = on;
            return this;
        }

        public Builder pmtudisc(boolean on) {
            pmtudisc = on;
            return this;
        }

        public Builder mtu(int bytes) {
            mtu = bytes;
            return this;
        }

        public Builder ipv6(Ipv6Outer value) {
            ipv6 = value;
            return this;
        }

        public Builder addresses(List<Prefix> prefixes) {
            addresses = prefixes;
            return this;
        }

        public Builder routes(List<Prefix> prefixes) {
            routes = prefixes;
            return this;
        }

        public Builder innerSource(List<Prefix> prefixes) {
            innerSource = prefixes;
            return this;
        }

        public Builder encap(@Nullable UdpEncap udp) {
            encap = udp;
            return this;
        }

        public Builder keepalive(@Nullable Keepalive value) {
            keepalive = value;
            return this;
        }

        public Builder payload(Payload carried) {
            payload = carried;
            return this;
        }

        public Builder sit(SitOptions options) {
            sit = options;
            return this;
        }

        public Builder erspan(ErspanOptions options) {
            erspan = options;
            return this;
        }

        public Builder l2tp(L2tpOptions options) {
            l2tp = options;
            return this;
        }

        public Builder sa(List<SaSpec> associations) {
            sa = associations;
            return this;
        }

        /** The specification, unchecked: ask {@link TunnelSpec#problems()}. */
        public TunnelSpec build() {
            return new TunnelSpec(
                    name,
                    mode,
                    local,
                    remote,
                    dev,
                    ttl,
                    tos,
                    ikey,
                    okey,
                    iseq,
                    oseq,
                    icsum,
                    ocsum,
                    pmtudisc,
                    mtu,
                    ipv6,
                    addresses,
                    routes,
                    innerSource,
                    encap,
                    keepalive,
                    payload,
                    sit,
                    erspan,
                    l2tp,
                    sa);
        }
    }
}
