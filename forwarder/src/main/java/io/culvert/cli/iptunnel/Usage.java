package io.culvert.cli.iptunnel;

/** The usage texts: what {@code ip tunnel help} and {@code ip l2tp help} list, under this command's name. */
final class Usage {

    static final String IPV4 = """
        Usage: culvert tunnel { add | change | del | show | prl | 6rd } [ NAME ]
                [ mode { gre | ipip | isatap | sit | vti } ]
                [ remote ADDR ] [ local ADDR ]
                [ [i|o]seq ] [ [i|o]key KEY ] [ [i|o]csum ]
                [ prl-default ADDR ] [ prl-nodefault ADDR ] [ prl-delete ADDR ]
                [ 6rd-prefix ADDR ] [ 6rd-relay_prefix ADDR ] [ 6rd-reset ]
                [ ttl TTL ] [ tos TOS ] [ [no]pmtudisc ] [ dev PHYS_DEV ]

        Where: NAME := STRING
               ADDR := { IP_ADDRESS | any }
               TOS  := { STRING | 00..ff | inherit | inherit/STRING | inherit/00..ff }
               TTL  := { 1..255 | inherit }
               KEY  := { DOTTED_QUAD | NUMBER }\
        """;

    static final String IPV6 = """
        Usage: culvert -f inet6 tunnel { add | change | del | show } [ NAME ]
                  [ mode { ip6ip6 | ipip6 | ip6gre | vti6 | any } ]
                  [ remote ADDR local ADDR ] [ dev PHYS_DEV ]
                  [ encaplimit ELIM ]
                  [ hoplimit TTL ] [ tclass TCLASS ] [ flowlabel FLOWLABEL ]
                  [ dscp inherit ]
                  [ [no]allow-localremote ]
                  [ [i|o]seq ] [ [i|o]key KEY ] [ [i|o]csum ]

        Where: NAME      := STRING
               ADDR      := IPV6_ADDRESS
               ELIM      := { none | 0..255 }(default=4)
               TTL       := 0..255 (default=64)
               TCLASS    := { 0x0..0xff | inherit }
               FLOWLABEL := { 0x0..0xfffff | inherit }
               KEY       := { DOTTED_QUAD | NUMBER }\
        """;

    static final String L2TP = """
        Usage: culvert l2tp add tunnel
                  remote ADDR local ADDR
                  tunnel_id ID peer_tunnel_id ID
                  [ encap { ip | udp } ]
                  [ udp_sport PORT ] [ udp_dport PORT ]
                  [ udp_csum { on | off } ]
                  [ udp6_csum_tx { on | off } ]
                  [ udp6_csum_rx { on | off } ]
        Usage: culvert l2tp add session [ name NAME ]
                  tunnel_id ID
                  session_id ID peer_session_id ID
                  [ cookie HEXSTR ] [ peer_cookie HEXSTR ]
                  [ seq { none | send | recv | both } ]
                  [ l2spec_type L2SPEC ]
               culvert l2tp del tunnel tunnel_id ID
               culvert l2tp del session tunnel_id ID session_id ID
               culvert l2tp show tunnel [ tunnel_id ID ]
               culvert l2tp show session [ tunnel_id ID ] [ session_id ID ]

        Where: NAME   := STRING
               ADDR   := { IP_ADDRESS | any }
               PORT   := { 0..65535 }
               ID     := { 1..4294967295 }
               HEXSTR := { 8 or 16 hex digits (4 / 8 bytes) }
               L2SPEC := { none | default }\
        """;

    private Usage() {}
}
