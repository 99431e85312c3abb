package io.culvert.it;

import static io.culvert.it.InteropRow.Inner.IPV4;
import static io.culvert.it.InteropRow.Inner.IPV6;
import static io.culvert.it.InteropRow.Peer.IP6_TUNNEL;
import static io.culvert.it.InteropRow.Peer.IP_LINK;
import static io.culvert.it.InteropRow.Peer.IP_TUNNEL;

import io.culvert.esp.EspTransform;
import io.culvert.it.InteropRow.Inner;
import io.culvert.it.InteropRow.Peer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Every tunnel that is tried against another implementation: a line each. */
final class InteropRows {

    private static final String LINK =
            "ip link add " + InteropRow.DEVICE + " type %s mode %s local %s remote %s ttl 64";

    /** Addresses that hold the outer ones: 198.51.100.1 and .2. */
    private static final Inner SIX_TO_FOUR = new Inner("2002:c633:6401::1", "2002:c633:6402::1", 16);

    private static final Inner SIX_RD = new Inner("2001:db8:c633:6401::1", "2001:db8:c633:6402::1", 32);
    /** The outer addresses less the 24 bits of the relay prefix. */
    private static final Inner SIX_RD_SHORT = new Inner("2001:db8:100::1", "2001:db8:200::1", 32);

    private static final Inner ISATAP =
            new Inner("2001:db8:2::200:5efe:c633:6401", "2001:db8:2::200:5efe:c633:6402", 64);

    /** The potential router list is not told to {@code ip tunnel add}: both ends are each other's router, of the same kind. */
    private static final Peer PRL = (row, local, remote) -> List.of(
            "ip tunnel add " + InteropRow.DEVICE + " mode isatap local " + local + " ttl 64",
            "ip tunnel prl " + (row.keys().contains("prl-default") ? "prl-default " : "prl-nodefault ") + remote
                    + " dev " + InteropRow.DEVICE);

    /** The group, and as iproute2 has it, its number as the key. */
    private static final String GROUP = "remote 239.1.2.3 key 4009820675";

    /** Linux's ipip device sends to a group and takes its packets, but leaves it to others to join. */
    private static final Peer JOINED = (row, local, remote) -> List.of(
            "ip address replace 239.1.2.4/32 dev eth0 autojoin",
            IP_TUNNEL.commands(row, local, remote).getFirst());

    private InteropRows() {}

    private static final List<InteropRow> TUNNELS = List.of(
            new InteropRow("ipip", "", IP_TUNNEL, IPV4),
            new InteropRow("ipip", "ttl 64", IP_TUNNEL, IPV4),
            new InteropRow("ipip", "tos inherit", IP_TUNNEL, IPV4),
            new InteropRow("ipip", "ttl 255 tos 0x10", IP_LINK, IPV4),
            new InteropRow("ipip", "nopmtudisc", IP_TUNNEL, IPV4),
            new InteropRow("gre", "", IP_TUNNEL, IPV4, IPV6),
            new InteropRow("gre", "key 7", IP_TUNNEL, IPV4, IPV6),
            new InteropRow("gre", "ikey 7 okey 4294967295", IP_TUNNEL, IPV4, IPV6),
            new InteropRow("gre", "ikey 9", IP_LINK, IPV4, IPV6),
            new InteropRow("gre", "csum", IP_TUNNEL, IPV4, IPV6),
            new InteropRow("gre", "icsum", IP_TUNNEL, IPV4, IPV6),
            new InteropRow("gre", "ocsum", IP_TUNNEL, IPV4, IPV6),
            new InteropRow("gre", "seq", IP_TUNNEL, IPV4, IPV6),
            new InteropRow("gre", "iseq", IP_TUNNEL, IPV4, IPV6),
            new InteropRow("gre", "oseq", IP_TUNNEL, IPV4, IPV6),
            new InteropRow("gre", "key 7 csum seq", IP_TUNNEL, IPV4, IPV6),
            new InteropRow("gre", "ttl 64 tos inherit", IP_TUNNEL, IPV4, IPV6),
            new InteropRow("gre", "key 7 ttl 3 tos inherit/0x10", IP_TUNNEL, IPV4, IPV6),
            new InteropRow("gre", "nopmtudisc", IP_LINK, IPV4, IPV6),
            new InteropRow("gre", "nopmtudisc ignore-df mtu 4000", mtu(IP_LINK), IPV4, IPV6),
            new InteropRow("gre", GROUP + " ttl 5", group(IP_TUNNEL), IPV4, IPV6),
            new InteropRow("gre", "remote 239.1.2.3 key 7 csum", group(IP_LINK), IPV4, IPV6),
            new InteropRow("ipip", "remote 239.1.2.4 ttl 5", JOINED, IPV4),
            new InteropRow("sit", "", IP_TUNNEL, IPV6),
            new InteropRow("sit", "ttl 64 tos 0x10", IP_TUNNEL, IPV6),
            new InteropRow("sit", "tos inherit", IP_LINK, IPV6),
            new InteropRow("sit", "nopmtudisc", IP_TUNNEL, IPV6),
            new InteropRow("sit", "nopmtudisc mtu 4000", mtu(IP_TUNNEL), IPV6),
            new InteropRow("sit", "proto ipip ttl 64", link("sit", "ipip"), IPV4),
            new InteropRow("sit", "proto any ttl 64", link("sit", "any"), IPV4, IPV6),
            new InteropRow("ipip", "proto any ttl 64", link("ipip", "any"), IPV4),
            new InteropRow("sit", "remote any ttl 64", IP_TUNNEL, SIX_TO_FOUR),
            new InteropRow("sit", "remote any ttl 64 6rd-prefix 2001:db8::/32", IP_LINK, SIX_RD),
            new InteropRow(
                    "sit",
                    "remote any ttl 64 6rd-prefix 2001:db8::/32 6rd-relay_prefix 198.51.100.0/24",
                    IP_LINK,
                    SIX_RD_SHORT),
            new InteropRow("isatap", "remote any ttl 64 tos 0x10", IP_TUNNEL, ISATAP),
            new InteropRow("isatap", "remote any ttl 64 prl-default 198.51.100.2", PRL, ISATAP),
            new InteropRow("isatap", "remote any nopmtudisc prl-nodefault 198.51.100.2", PRL, ISATAP),
            new InteropRow("ipip", "encap fou encap-sport 7777 encap-dport 5555", fou("ipproto 4"), IPV4),
            new InteropRow("ipip", "encap gue encap-dport 5555 encap-csum", fou("gue"), IPV4),
            new InteropRow("gre", "key 7 encap fou encap-dport 5555", fou("ipproto 47"), IPV4, IPV6),
            new InteropRow(
                    "gre", "csum seq encap gue encap-sport 7777 encap-dport 5555 encap-csum", fou("gue"), IPV4, IPV6),
            new InteropRow("sit", "ttl 64 encap gue encap-sport 7777 encap-dport 5555", fou("gue"), IPV6),
            new InteropRow("sit", "ttl 64 encap fou encap-dport 5555 encap-csum", fou("ipproto 41"), IPV6),
            // Without a remote Linux's device has an MTU that knows nothing of what UDP takes.
            new InteropRow("isatap", "remote any ttl 64 mtu 1400 encap gue encap-dport 5555", mtu(fou("gue")), ISATAP),
            new InteropRow("ip6ip6", "", IP6_TUNNEL, IPV6),
            new InteropRow("ip6ip6", "encaplimit none", IP6_TUNNEL, IPV6),
            new InteropRow("ip6ip6", "encaplimit 1 hoplimit 255 tclass 0x10", IP6_TUNNEL, IPV6),
            new InteropRow("ip6ip6", "tclass inherit flowlabel inherit dscp inherit", IP6_TUNNEL, IPV6),
            new InteropRow("ip6ip6", "allow-localremote", IP6_TUNNEL, IPV6),
            new InteropRow("ipip6", "", IP6_TUNNEL, IPV4),
            new InteropRow(
                    "ipip6",
                    "encaplimit none tclass inherit hoplimit 3 flowlabel 0x12345 dscp inherit allow-localremote",
                    IP6_TUNNEL,
                    IPV4),
            new InteropRow("any6", "", IP6_TUNNEL, IPV4, IPV6),
            new InteropRow(
                    "any6",
                    "encaplimit none tclass inherit hoplimit 255 flowlabel inherit dscp inherit allow-localremote",
                    IP6_TUNNEL,
                    IPV4,
                    IPV6),
            new InteropRow("ip6gre", "", IP6_TUNNEL, IPV4, IPV6),
            new InteropRow("ip6gre", "key 7", IP6_TUNNEL, IPV4, IPV6),
            new InteropRow("ip6gre", "csum", IP6_TUNNEL, IPV4, IPV6),
            new InteropRow("ip6gre", "seq", IP6_TUNNEL, IPV4, IPV6),
            new InteropRow("ip6gre", "ikey 7 okey 8 iseq ocsum hoplimit 5 flowlabel 0x12345", IP6_TUNNEL, IPV4, IPV6),
            new InteropRow(
                    "ip6gre", "oseq icsum flowlabel inherit dscp inherit allow-localremote", IP_LINK, IPV4, IPV6),
            new InteropRow("ip6gre", "key 7 csum seq encaplimit none tclass inherit", IP6_TUNNEL, IPV4, IPV6),
            new InteropRow("ip6ip6", "encap fou encap-dport 5555", fou6("ipproto 41"), IPV6),
            new InteropRow("ip6ip6", "encap gue encap-sport 7777 encap-dport 5555", fou6("gue"), IPV6),
            new InteropRow(
                    "ip6ip6", "encaplimit none noencap-csum6 encap fou encap-dport 5555", fou6("ipproto 41"), IPV6),
            new InteropRow("ipip6", "encap fou encap-sport 7777 encap-dport 5555", fou6("ipproto 4"), IPV4),
            new InteropRow("ipip6", "encap gue encap-dport 5555 noencap-csum6", fou6("gue"), IPV4),
            new InteropRow("any6", "encap gue encap-dport 5555", fou6("gue"), IPV4, IPV6),
            new InteropRow("any6", "encaplimit none encap gue encap-dport 5555 noencap-csum6", fou6("gue"), IPV4, IPV6),
            new InteropRow("ip6gre", "key 7 encap fou encap-dport 5555", fou6("ipproto 47"), IPV4, IPV6),
            new InteropRow("ip6gre", "key 7 encap gue encap-dport 5555 noencap-csum6", fou6("gue"), IPV4, IPV6),
            new InteropRow("ip6gre", "csum seq encap gue encap-sport 7777 encap-dport 5555", fou6("gue"), IPV4, IPV6),
            new InteropRow("gretap", "", IP_LINK, IPV4, IPV6),
            new InteropRow("gretap", "key 7 encap gue encap-dport 5555", fou("gue"), IPV4, IPV6),
            new InteropRow(
                    "gretap", "encap fou encap-sport 7777 encap-dport 5555 encap-csum", fou("ipproto 47"), IPV4, IPV6),
            new InteropRow("gretap", "key 7", IP_LINK, IPV4, IPV6),
            new InteropRow("gretap", "ikey 7 okey 4294967295", IP_LINK, IPV4, IPV6),
            new InteropRow("gretap", "csum", IP_LINK, IPV4, IPV6),
            new InteropRow("gretap", "seq", IP_LINK, IPV4, IPV6),
            new InteropRow("gretap", "iseq ocsum", IP_LINK, IPV4, IPV6),
            new InteropRow("gretap", "oseq icsum", IP_LINK, IPV4, IPV6),
            new InteropRow("gretap", "ttl 64 tos inherit", IP_LINK, IPV4, IPV6),
            new InteropRow("gretap", "key 7 csum seq ttl 3 tos 0x10", IP_LINK, IPV4, IPV6),
            new InteropRow("gretap", "nopmtudisc", IP_LINK, IPV4, IPV6),
            new InteropRow("gretap", "nopmtudisc ignore-df mtu 4000", mtu(IP_LINK), IPV4, IPV6),
            new InteropRow("erspan", "erspan_ver 0", IP_LINK, IPV4, IPV6),
            new InteropRow("erspan", "seq key 7 erspan_ver 1 erspan 123", IP_LINK, IPV4, IPV6),
            new InteropRow("erspan", "seq ikey 1023 okey 8 ttl 64 tos inherit", IP_LINK, IPV4, IPV6),
            new InteropRow("erspan", "seq key 7 erspan_ver 2 erspan_dir egress erspan_hwid 42", IP_LINK, IPV4, IPV6),
            new InteropRow("erspan", "erspan_ver 0 nopmtudisc ignore-df mtu 4000", mtu(IP_LINK), IPV4, IPV6),
            new InteropRow("ip6erspan", "seq key 7 erspan_ver 1 erspan 123", IP_LINK, IPV4, IPV6),
            new InteropRow(
                    "ip6erspan",
                    "seq ikey 1023 okey 8 encaplimit none hoplimit 3 flowlabel 0x12345 allow-localremote",
                    IP_LINK,
                    IPV4,
                    IPV6),
            new InteropRow(
                    "ip6erspan",
                    "seq key 7 erspan_ver 2 erspan_dir egress erspan_hwid 42 tclass inherit",
                    IP_LINK,
                    IPV4,
                    IPV6),
            l2tp("l2tp", "tunnel_id 1 peer_tunnel_id 1"),
            l2tp("l2tp", "l2spec_type none ttl 64 tos inherit"),
            l2tp("l2tp", "cookie 014d3636 peer_cookie deadbeef"),
            l2tp("l2tp", "cookie 014d3636deadbeef l2spec_type none nopmtudisc"),
            l2tp("l2tp", "peer_cookie ffffffffffffffff seq"),
            l2tp("l2tp", "oseq"),
            l2tp("l2tp", "encap udp encap-sport 1701 encap-dport 5556"),
            l2tp(
                    "l2tp",
                    "cookie 014d3636 peer_cookie 014d3636deadbeef seq encap-csum encap udp encap-sport 5555"
                            + " encap-dport 1701"),
            mtu(l2tp("l2tp", "nopmtudisc ignore-df mtu 4000")),
            l2tp("ip6l2tp", "encaplimit none tunnel_id 1 peer_tunnel_id 1"),
            l2tp(
                    "ip6l2tp",
                    "encaplimit none cookie 014d3636 peer_cookie 014d3636 encap udp encap-sport 7 encap-dport 8"),
            l2tp("ip6l2tp", "cookie 014d3636deadbeef peer_cookie 014d3637deadbeef seq"),
            l2tp(
                    "ip6l2tp",
                    "l2spec_type none encaplimit none hoplimit 255 tclass inherit flowlabel 0x12345 dscp inherit"),
            new InteropRow("ip6gretap", "", IP_LINK, IPV4, IPV6),
            new InteropRow("ip6gretap", "key 7", IP_LINK, IPV4, IPV6),
            new InteropRow("ip6gretap", "csum", IP_LINK, IPV4, IPV6),
            new InteropRow("ip6gretap", "seq", IP_LINK, IPV4, IPV6),
            new InteropRow(
                    "ip6gretap",
                    "ikey 7 okey 8 iseq ocsum hoplimit 255 tclass 0x10 flowlabel 0x12345",
                    IP_LINK,
                    IPV4,
                    IPV6),
            new InteropRow("ip6gretap", "oseq icsum flowlabel inherit allow-localremote", IP_LINK, IPV4, IPV6),
            new InteropRow("ip6gretap", "key 7 csum seq encaplimit none tclass inherit", IP_LINK, IPV4, IPV6),
            new InteropRow("ip6gretap", "encap gue encap-dport 5555", fou6("gue"), IPV4, IPV6),
            new InteropRow("ip6gretap", "encap fou encap-dport 5555 noencap-csum6", fou6("ipproto 47"), IPV4, IPV6),
            new InteropRow("erspan", "seq key 7 encap fou encap-dport 5555", fou("ipproto 47"), IPV4, IPV6),
            new InteropRow("ip6erspan", "seq key 7 encap gue encap-dport 5555", fou6("gue"), IPV4, IPV6));

    /** Every transform, with each length of AES keys, by IPv4 and IPv6 inside and outside. */
    private static final List<InteropRow> PROTECTED = List.of(
            vti("vti", "key 7", new InteropSa(EspTransform.AES_GCM, 20, false, 32), IPV4, IPV6),
            vti("vti", "ikey 7 okey 8 ttl 64 tos inherit", new InteropSa(EspTransform.AES_GCM, 36, true, 1024), IPV4),
            vti("vti", "ikey 8 okey 7 nopmtudisc", new InteropSa(EspTransform.CHACHA20_POLY1305, 36, false, 64), IPV6),
            vti("vti", "key 7", new InteropSa(EspTransform.AES_CBC_HMAC_SHA256, 16, false, 32), IPV4),
            vti("vti", "key 4294967295", new InteropSa(EspTransform.AES_CBC_HMAC_SHA256, 32, true, 4096), IPV6),
            vti("vti", "key 7", new InteropSa(EspTransform.NULL_HMAC_SHA256, 0, true, 256), IPV4),
            vti("vti6", "key 7", new InteropSa(EspTransform.AES_GCM, 20, true, 32), IPV4, IPV6),
            vti(
                    "vti6",
                    "ikey 7 okey 8 hoplimit 3 tclass inherit flowlabel 0x12345",
                    new InteropSa(EspTransform.CHACHA20_POLY1305, 36, true, 2048),
                    IPV6),
            vti("vti6", "key 7", new InteropSa(EspTransform.AES_CBC_HMAC_SHA256, 24, false, 128), IPV4),
            vti("vti6", "key 7", new InteropSa(EspTransform.NULL_HMAC_SHA256, 0, false, 32), IPV6));

    /** The other end is Linux's own. */
    static final List<InteropRow> LINUX =
            Stream.concat(TUNNELS.stream(), PROTECTED.stream()).toList();

    /** The other end is scapy's: see {@link MinencPeerIT} and {@link KeepaliveIT}. */
    static final List<InteropRow> SCAPY = List.of(
            new InteropRow("minenc", "", Peer.PROGRAM, IPV4),
            new InteropRow("gre", "key 7 keepalive 1 keepalive-retries 2", Peer.PROGRAM, IPV4));

    /**
     * The other end is Open vSwitch's, in user space: see {@link OpenVswitchIT}. It reads {@code erspan_idx} and {@code
     * erspan_hwid} as hexadecimal numbers.
     */
    static final List<InteropRow> OPEN_VSWITCH = List.of(
            new InteropRow("gretap", "", openVswitch("gre"), IPV4),
            new InteropRow("gretap", "key 7", openVswitch("gre options:key=7"), IPV4),
            new InteropRow("gretap", "ikey 7 okey 8", openVswitch("gre options:in_key=8 options:out_key=7"), IPV4),
            new InteropRow("gretap", "csum", openVswitch("gre options:csum=true"), IPV4),
            new InteropRow("gretap", "seq", openVswitch("gre options:seq=true"), IPV4),
            new InteropRow("ip6gretap", "", openVswitch("gre"), IPV4),
            new InteropRow("ip6gretap", "encaplimit none", openVswitch("gre"), IPV4),
            new InteropRow(
                    "ip6gretap",
                    "encaplimit none key 7 csum",
                    openVswitch("gre options:key=7 options:csum=true"),
                    IPV4),
            new InteropRow(
                    "erspan",
                    "key 7 seq erspan_ver 1 erspan 123",
                    openVswitch("erspan options:key=7 options:erspan_ver=1 options:erspan_idx=7b"),
                    IPV4),
            new InteropRow(
                    "erspan",
                    "key 7 seq erspan_ver 2 erspan_dir egress erspan_hwid 42",
                    openVswitch(
                            "erspan options:key=7 options:erspan_ver=2 options:erspan_dir=1 options:erspan_hwid=2a"),
                    IPV4),
            new InteropRow(
                    "ip6erspan",
                    "key 7 seq erspan 1048575",
                    openVswitch("erspan options:key=7 options:erspan_ver=1 options:erspan_idx=fffff"),
                    IPV4),
            new InteropRow(
                    "ip6erspan",
                    "key 7 seq encaplimit none erspan_ver 2 erspan_hwid 1",
                    openVswitch("erspan options:key=7 options:erspan_ver=2 options:erspan_dir=0 options:erspan_hwid=1"),
                    IPV4));

    /** A call, whose numbers are negotiated: see {@link PppIT}. The frames are for a pppd at each end. */
    private static final List<InteropRow> CALL =
            List.of(new InteropRow("pptp", "call_id 1 peer_call_id 0", Peer.PROGRAM, IPV4));

    /** Frames for a pppd at each end, too. */
    private static final List<InteropRow> PPP_SESSIONS = List.of(
            new InteropRow("l2tp", "l2spec_type none pwtype ppp", Peer.PROGRAM, IPV4),
            new InteropRow("ip6l2tp", "l2spec_type none pwtype ppp", Peer.PROGRAM, IPV4));

    /** Each peer's rows. */
    static final Map<String, List<InteropRow>> PEERS = new TreeMap<>(Map.of(
            "Linux",
            LINUX,
            "Linux and pppd",
            PPP_SESSIONS,
            "Open vSwitch",
            OPEN_VSWITCH,
            "scapy",
            SCAPY,
            "pptpd",
            CALL,
            "pptp-linux",
            CALL));

    /** Of Linux's rows the first and the last of each mode and encapsulation in UDP. */
    static List<InteropRow> twoOfEachMode() {
        Map<String, InteropRow> first = new LinkedHashMap<>();
        Map<String, InteropRow> last = new LinkedHashMap<>();
        for (InteropRow row : LINUX) {
            String kind = row.mode() + " " + row.encap();
            first.putIfAbsent(kind, row);
            last.put(kind, row);
        }
        return Stream.concat(first.values().stream(), last.values().stream())
                .distinct()
                .toList();
    }

    static Stream<InteropRow> all() {
        return PEERS.values().stream().flatMap(List::stream);
    }

    /** A device behind UDP, and the port that receives for it. */
    private static Peer fou(String port) {
        return fou("fou", port, "", IP_LINK);
    }

    /** The same over IPv6. */
    private static Peer fou6(String port) {
        return fou("fou6", port, " -6", Peer.IP6_LINK);
    }

    /** Linux 6.1 loses what its own GRO merges of GRE behind UDP, whoever sent it. */
    private static Peer fou(String module, String port, String family, Peer link) {
        return (row, local, remote) -> List.of(
                "modprobe " + module + "; ip fou del port 5555" + family + "; ip fou add port 5555 " + port + family,
                "ethtool -K eth0 gro " + (row.mode().matches(".*(gre|erspan).*") ? "off" : "on"),
                link.commands(row, local, remote).getFirst());
    }

    /** A vti tunnel and, by {@code ip xfrm}, what protects it: the marks are the tunnel's keys. */
    private static InteropRow vti(String mode, String options, InteropSa sa, Inner... inner) {
        Peer device = mode.equals("vti") ? IP_TUNNEL : IP6_TUNNEL;
        Peer peer = (row, local, remote) -> Stream.concat(
                        device.commands(row, local, remote).stream(),
                        sa.commands(local, remote, row.mark("okey"), row.mark("ikey")).stream())
                .toList();
        return new InteropRow(mode, options, peer, List.of(inner), sa);
    }

    /** A session of L2TPv3. Linux numbers its packets only if the peer does, so that {@code iseq} alone has no row. */
    private static InteropRow l2tp(String mode, String options) {
        String sessions = "session_id 7 peer_session_id 4294967295";
        return new InteropRow(mode, (sessions + " " + options).strip(), Peer.IP_L2TP, IPV4, IPV6);
    }

    /**
     * A gre device with a multicast remote. Linux asks by ARP for its neighbours' outer addresses, which a TUN device cannot
     * tell, and does not take what is sent to its own: it is told that all are reached by the group.
     */
    private static Peer group(Peer device) {
        return (row, local, remote) -> Stream.concat(
                        device.commands(row, local, remote).stream(),
                        row.inner().stream()
                                .map(inner -> "ip neigh add " + inner.ours() + " lladdr 239.1.2.3 nud permanent dev "
                                        + InteropRow.DEVICE))
                .toList();
    }

    /** The settings of an interface of Open vSwitch's; each direction's options are turned round already. */
    private static Peer openVswitch(String settings) {
        return (_, local, remote) -> List.of(
                ("type=" + settings + " options:local_ip=" + local + " options:remote_ip=" + remote).split(" ", -1));
    }

    /** A sit or ipip device that carries what {@code ip tunnel} has no word for. */
    private static Peer link(String type, String payload) {
        return (_, local, remote) -> List.of(String.format(LINK, type, payload, local, remote));
    }

    /** A device with the MTU of ours, which is no word of a tunnel's. */
    private static Peer mtu(Peer device) {
        return (row, local, remote) -> {
            String mtu = " mtu " + row.mark("mtu");
            return Stream.concat(
                            device.commands(row, local, remote).stream().map(command -> command.replace(mtu, "")),
                            Stream.of("ip link set dev " + InteropRow.DEVICE + mtu))
                    .toList();
        };
    }

    private static InteropRow mtu(InteropRow row) {
        return new InteropRow(row.mode(), row.options(), mtu(row.peer()), row.inner(), row.sa());
    }

    /** Tunnels that carry MPLS, each with Linux's label-switching router at the other end. */
    static final List<InteropRow> MPLS = List.of(
            new InteropRow("sit", "proto any ttl 64", link("sit", "any"), IPV4),
            new InteropRow("sit", "proto mplsip ttl 64", link("sit", "mplsip"), IPV4),
            new InteropRow("ipip", "proto any ttl 64", link("ipip", "any"), IPV4),
            new InteropRow("ipip", "proto mplsip ttl 64", link("ipip", "mplsip"), IPV4),
            new InteropRow("gre", "", IP_TUNNEL, IPV4),
            new InteropRow("gre", "key 7 csum seq", IP_TUNNEL, IPV4),
            new InteropRow("any6", "", IP6_TUNNEL, IPV4),
            new InteropRow("ip6gre", "key 7", IP6_TUNNEL, IPV4),
            new InteropRow("gre", "encap fou encap-dport 5555", fou("ipproto 47"), IPV4),
            new InteropRow("gre", "key 7 encap gue encap-sport 7777 encap-dport 5555 encap-csum", fou("gue"), IPV4),
            new InteropRow("ip6gre", "encap gue encap-dport 5555", fou6("gue"), IPV4),
            new InteropRow("sit", "proto any ttl 64 encap gue encap-dport 5555", fou("gue"), IPV4),
            new InteropRow("sit", "proto mplsip ttl 64 encap fou encap-dport 5555", fou("ipproto 137"), IPV4),
            new InteropRow("ipip", "proto mplsip ttl 64 encap gue encap-dport 5555", fou("gue"), IPV4),
            new InteropRow("any6", "encap gue encap-dport 5555", fou6("gue"), IPV4));

    /** Tunnels whose devices take more than the path does: labels go in fragments of the outer packets. */
    static final List<InteropRow> LARGE_MPLS = List.of(
            new InteropRow("gre", "nopmtudisc mtu 4000", mtu(IP_TUNNEL), IPV4),
            new InteropRow("gre", "nopmtudisc key 7 csum seq mtu 4000", mtu(IP_TUNNEL), IPV4),
            new InteropRow("ipip", "nopmtudisc proto any mtu 4000", mtu(IP_LINK), IPV4),
            new InteropRow(
                    "sit", "nopmtudisc proto mplsip mtu 4000 encap gue encap-dport 5555", mtu(fou("gue")), IPV4));
}
