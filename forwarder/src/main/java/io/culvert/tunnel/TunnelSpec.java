package io.culvert.tunnel;

import io.culvert.esp.SaSpec;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv6Flyweight;
import java.net.InetAddress;
import java.util.List;
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
 * @param ignoreDf not even around inner packets with DF, which go in fragments of the outer packet then
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
 * @param pptp what only mode pptp has
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
        boolean ignoreDf,
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
        PptpOptions pptp,
        List<SaSpec> sa) {

    /** Longest device name in bytes: IFNAMSIZ less its terminating zero. */
    public static final int MAX_NAME_LENGTH = 15;

    /** Lowest MTU that IPv4 allows, RFC 791 section 3.2. */
    public static final int MIN_MTU = 68;

    private static final int DEFAULT_HOP_LIMIT = 64;

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
     * @param port UDP port of a session of L2TPv3, as an ID is one of its tunnel's there; 0 of all else
     * @param dev underlay device the tunnel is bound to; null for any
     */
    public record Identity(
            Mode mode,
            @Nullable InetAddress local,
            @Nullable InetAddress remote,
            @Nullable Integer ikey,
            int port,
            @Nullable String dev) {}

    /** What no other tunnel may have. */
    public Identity identity() {
        return new Identity(mode.identity(), local, remote, receivedKey(), sessionPort(), dev);
    }

    /**
     * The key that received packets must carry, null for none; of ERSPAN types II and III and of L2TPv3 the session, and of
     * PPTP the call, which are always there.
     */
    @Nullable
    Integer receivedKey() {
        if (mode.isL2tp()) {
            return l2tp.sessionId();
        }
        if (mode == Mode.PPTP) {
            return pptp.callId();
        }
        return ikey == null && mode.isErspan() && erspan.hasHeader() ? Integer.valueOf(0) : ikey;
    }

    /** The UDP port at which a session of L2TPv3 is received; 0 for none, and of all other modes. */
    int sessionPort() {
        return mode.isL2tp() && encap != null ? encap.receivingPort() : 0;
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
        return TunnelSpecBuilder.of(this, device).build();
    }

    /** The same with other options of modes sit and isatap. */
    public TunnelSpec withSit(SitOptions options) {
        return TunnelSpecBuilder.of(this, name).sit(options).build();
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

    /** Whether it carries PPP frames, to and from a pseudo-terminal. */
    public boolean isPpp() {
        return mode == Mode.PPTP || l2tp.ppp();
    }

    /** Whether it carries Ethernet frames, to and from a TAP device. */
    public boolean isEthernet() {
        return mode.isEthernet() && !l2tp.ppp();
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

    /** Everything that is wrong with this specification, found by {@link TunnelSpecRules}; empty if it can be built. */
    public List<Problem> problems() {
        return new TunnelSpecRules(this).problems();
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

    /** The TTL or hop limit of a tunnel for which none is named; 0 inherits. */
    public static int defaultTtl(Mode mode) {
        return mode.isOuterIpv6() ? DEFAULT_HOP_LIMIT : 0;
    }

    /** A builder for that name and mode, everything else at {@code ip tunnel add}'s defaults. */
    public static TunnelSpecBuilder builder(String name, Mode mode) {
        return new TunnelSpecBuilder(name, mode);
    }
}
