package io.culvert.tunnel;

/**
 * Why a packet was dropped: exactly one for each packet that is neither forwarded nor answered. The word is the same in
 * {@code show}, {@code drops}, JSON and metrics.
 */
public enum DropReason {
    OUTER_MALFORMED("outer_malformed", "outer header is truncated or inconsistent"),
    OUTER_CHECKSUM("outer_checksum", "outer IPv4 header checksum is wrong"),
    OUTER_FRAGMENT("outer_fragment", "fragment of an outer packet that the kernel did not reassemble"),
    OUTER_OPTIONS("outer_options", "outer IPv6 header has options that are inconsistent or must be understood"),
    OUTER_SOURCE(
            "outer_source",
            "packet to a group or to a tunnel without a remote comes from an address that no peer can have"),
    NO_TUNNEL("no_tunnel", "no tunnel has these outer addresses"),
    KEY_MISMATCH("key_mismatch", "outer addresses are known, but the GRE key is missing, wrong or unexpected"),
    WRONG_DEVICE("wrong_device", "packet arrived on another device than the one the tunnel is bound to"),
    UDP_MALFORMED("udp_malformed", "UDP header is truncated or inconsistent"),
    UDP_CHECKSUM("udp_checksum", "outer UDP checksum is wrong"),
    UDP_CHECKSUM_MISSING(
            "udp_checksum_missing", "packet over IPv6 has no UDP checksum, and the tunnel has encap-csum6"),
    GUE_MALFORMED(
            "gue_malformed", "GUE header is truncated, of another version, a control message or has optional fields"),
    GUE_PROTOCOL("gue_protocol", "GUE header announces a protocol that no mode has"),
    ENCAP_MISMATCH("encap_mismatch", "outer addresses are known, but the tunnel's encap is another one"),
    GRE_MALFORMED("gre_malformed", "GRE header is truncated, or announces more payload than there is"),
    GRE_VERSION("gre_version", "GRE version is not 0, nor 1 from the peer of a pptp tunnel"),
    GRE_RESERVED("gre_reserved", "GRE routing, strict route, recursion or flag bits are set, or version 1 has no key"),
    GRE_PROTOCOL("gre_protocol", "GRE protocol type is none that the tunnel carries"),
    PPTP_CALL("pptp_call", "outer addresses are known, but no pptp tunnel between them has this call ID"),
    L2TP_MALFORMED("l2tp_malformed", "L2TPv3 header is truncated"),
    L2TP_VERSION("l2tp_version", "L2TP message in UDP is of another version than 3"),
    L2TP_CONTROL("l2tp_control", "L2TP control message: sessions are configured, not negotiated"),
    L2TP_SESSION(
            "l2tp_session",
            "outer addresses are known, but no tunnel between them has this L2TPv3 session at this UDP port, or"
                    + " without UDP"),
    L2TP_COOKIE("l2tp_cookie", "L2TPv3 cookie is not the one that the session must have"),
    ERSPAN_MALFORMED("erspan_malformed", "ERSPAN header is truncated or of another version than the GRE header says"),
    CSUM_MISSING("csum_missing", "icsum is set, but the packet has no GRE checksum"),
    CSUM_UNEXPECTED("csum_unexpected", "icsum is not set, but the packet has a GRE checksum"),
    CSUM_BAD("csum_bad", "GRE checksum is wrong"),
    SEQ_MISSING("seq_missing", "packet has no sequence number, which iseq or mode pptp requires"),
    SEQ_LATE("seq_late", "sequence number is a duplicate, late or not yet confirmed"),
    MINENC_MALFORMED("minenc_malformed", "minimal forwarding header is truncated"),
    MINENC_CHECKSUM("minenc_checksum", "checksum of the minimal forwarding header is wrong"),
    MPLS_MALFORMED("mpls_malformed", "MPLS packet is shorter than a label"),
    NHRP_MALFORMED("nhrp_malformed", "NHRP packet is shorter than its fixed part"),
    DEVICE_IP_ONLY(
            "device_ip_only",
            "a packet that is not IP, and the device was made for IP only: delete the tunnel and add it again"),
    ESP_MALFORMED("esp_malformed", "ESP packet is truncated or its ciphertext is not aligned"),
    ESP_NO_SA("esp_no_sa", "tunnel has no security association for this SPI or direction"),
    ESP_AUTH("esp_auth", "ESP packet is not authentic"),
    ESP_REPLAY("esp_replay", "ESP sequence number was seen already or is behind the replay window"),
    ESP_PADDING("esp_padding", "ESP padding is not what the sender must write"),
    ESP_PROTOCOL("esp_protocol", "ESP next header is neither IPv4 nor IPv6"),
    ESP_DUMMY("esp_dummy", "ESP dummy packet, sent to hide how much traffic there is"),
    ESP_SEQUENCE("esp_sequence", "no sequence number of the security association is reserved on disk"),
    SA_EXPIRED("sa_expired", "security association has reached a hard limit"),
    ECN("ecn", "outer header is marked Congestion Experienced, inner one is not ECN-capable"),
    NESTED("nested", "packet was decapsulated already"),
    INNER_MALFORMED("inner_malformed", "inner header is truncated or inconsistent"),
    FRAME_MALFORMED("frame_malformed", "inner Ethernet or PPP frame is shorter than its header"),
    FRAME_FCS("frame_fcs", "checksum of the PPP frame from the pty is wrong"),
    FRAME_ABORTED("frame_aborted", "program at the pty has given the PPP frame up"),
    FRAME_TOO_LONG("frame_too_long", "PPP frame is longer than 16388 bytes"),
    INNER_CHECKSUM("inner_checksum", "inner IPv4 header checksum is wrong"),
    INNER_FAMILY("inner_family", "inner IP version is not what the outer header says or the mode carries"),
    INNER_TTL("inner_ttl", "inner TTL or hop limit is 0"),
    INNER_SOURCE("inner_source", "inner source is not in the tunnel's inner-source list"),
    SPOOFED_SOURCE("spoofed_source", "outer source is not the IPv4 address in the inner source"),
    SPOOFED_DESTINATION("spoofed_destination", "outer destination is not the IPv4 address in the inner destination"),
    EMBEDDED_ADDRESS("embedded_address", "IPv4 address in an inner address cannot be a tunnel endpoint"),
    UNLISTED_ROUTER(
            "unlisted_router",
            "router advertisement or redirect by an address that is not on the potential router list"),
    MARTIAN("martian", "inner source or destination cannot be on a network"),
    LOOP("loop", "route to the remote leads into the tunnel itself"),
    REMOTE_IS_LOCAL("remote_is_local", "remote is an address of this host, and allow-localremote is not set"),
    LOCAL_IS_MISSING("local_is_missing", "local is not, or not yet, an address of this host"),
    ENCAP_LIMIT("encap_limit", "inner packet must not be encapsulated again: its tunnel encapsulation limit is 0"),
    SOURCE_IS_REMOTE("source_is_remote", "inner source is the tunnel's own remote"),
    NO_NEXT_HOP("no_next_hop", "tunnel has no remote, and nothing says where the packet goes"),
    NO_ROUTE("no_route", "no route to the remote"),
    TOO_BIG("too_big", "packet is larger than the path takes"),
    SEND_QUEUE_FULL("send_queue_full", "underlay device's queue or the send buffer is full"),
    SEND_REFUSED("send_refused", "firewall refused the outer packet"),
    SEND_UNREACHABLE("send_unreachable", "kernel could not route the outer packet"),
    SEND_DEVICE_DOWN("send_device_down", "underlay device is down"),
    SEND_ERROR("send_error", "kernel refused the outer packet"),
    TUN_DOWN("tun_down", "tunnel device is down, or no program has the tunnel's pty open"),
    TUN_REFUSED("tun_refused", "kernel refused the inner packet"),
    PTY_FULL("pty_full", "program at the tunnel's pty reads slower than packets come"),
    TUN_QUEUE_FULL("tun_queue_full", "tunnel device's transmit queue was full"),
    OUTER_QUEUE_FULL("outer_queue_full", "receive queue of an outer socket was full"),
    INTERNAL("internal", "an error inside the gateway, see its log");

    private final String word;
    private final String text;

    DropReason(String word, String text) {
        this.word = word;
        this.text = text;
    }

    /** The name in {@code show}, JSON and metric labels. */
    public String word() {
        return word;
    }

    /** What it means, for people. */
    public String text() {
        return text;
    }

    /** Number of reasons, for arrays of counters. */
    public static final int COUNT = values().length;
}
