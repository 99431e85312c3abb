package io.culvert.config.importer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class HostImportTest {

    private final HostImport host = new HostImport();

    @Test
    void readsWhatIpLinkPrints() {
        host.read("ip", """
            [{"ifname":"lo","link_type":"loopback"},
             {"ifname":"gre0","linkinfo":{"info_kind":"gre","info_data":{"remote":"any","local":"any"}}},
             {"ifname":"gre1","mtu":1464,"linkinfo":{"info_kind":"gre","info_data":{"remote":"203.0.113.2",
               "local":"203.0.113.1","link":"eth0","ttl":64,"tos":"0x10","pmtudisc":true,"ikey":"0.0.0.7",
               "okey":"0.0.0.7","iseq":true,"oseq":true,"ocsum":true,"fwmark":"0x1"}},
              "addr_info":[{"local":"192.0.2.1","prefixlen":30,"scope":"global"},
                {"local":"fe80::1","prefixlen":64,"scope":"link"}]},
             {"ifname":"tap1","linkinfo":{"info_kind":"vxlan","info_data":{"remote":"203.0.113.2"}}},
             {"ifname":"mpls1","linkinfo":{"info_kind":"ipip","info_data":{"proto":"mplsip","remote":"203.0.113.2"}}}]
            """);

        assertThat(host.toToml()).isEqualTo("""
            # ip: tunnel "gre1": fwmark is not converted

            [[tunnel]]
            name = "gre1"
            mode = "gre"
            local = "203.0.113.1"
            remote = "203.0.113.2"
            dev = "eth0"
            ttl = 64
            tos = "0x10"
            key = 7
            seq = true
            ocsum = true
            pmtudisc = true
            mtu = 1464
            addresses = ["192.0.2.1/30"]

            [[tunnel]]
            name = "mpls1"
            mode = "ipip"
            remote = "203.0.113.2"
            ttl = "inherit"
            pmtudisc = true
            proto = "mplsip"
            """);
    }

    @Test
    void readsMirroringTunnels() {
        host.read("ip", """
            [{"ifname":"span0","linkinfo":{"info_kind":"erspan","info_data":{"remote":"203.0.113.2","local":"203.0.113.1",
               "ttl":0,"pmtudisc":true,"erspan_ver":0}}},
             {"ifname":"span1","linkinfo":{"info_kind":"erspan","info_data":{"remote":"203.0.113.2","local":"203.0.113.1",
               "ttl":0,"pmtudisc":true,"ikey":"0.0.0.8","okey":"0.0.3.255","iseq":true,"oseq":true,"erspan_index":123,
               "erspan_ver":1}}},
             {"ifname":"span2","linkinfo":{"info_kind":"ip6erspan","info_data":{"remote":"2001:db8:51::1",
               "local":"2001:db8:51::2","ttl":64,"encap_limit":4,"ip6_tnl_f_use_orig_tclass":true,"flowlabel":"0x00000",
               "ikey":"0.0.0.7","okey":"0.0.0.7","iseq":true,"oseq":true,"erspan_ver":2,"erspan_dir":"egress",
               "erspan_hwid":"0x2a"}}}]
            """);

        assertThat(host.notes()).isEmpty();
        assertThat(host.toToml()).isEqualTo("""
            [[tunnel]]
            name = "span0"
            mode = "erspan"
            local = "203.0.113.1"
            remote = "203.0.113.2"
            ttl = "inherit"
            pmtudisc = true
            erspan_ver = 0

            [[tunnel]]
            name = "span1"
            mode = "erspan"
            local = "203.0.113.1"
            remote = "203.0.113.2"
            ttl = "inherit"
            ikey = 8
            okey = 1023
            seq = true
            pmtudisc = true
            erspan = 123

            [[tunnel]]
            name = "span2"
            mode = "ip6erspan"
            local = "2001:db8:51::2"
            remote = "2001:db8:51::1"
            ttl = 64
            key = 7
            seq = true
            erspan_ver = 2
            erspan_dir = "egress"
            erspan_hwid = 42
            tclass = "inherit"
            """);
    }

    @Test
    void readsWhatIpTunnelPrints() {
        host.read("ip", """
            [{"ifname":"tunl0","mode":"ip/ip","remote":"0.0.0.0","local":"0.0.0.0","nopmtudisc":null},
             {"ifname":"a","mode":"ip/ip","remote":"203.0.113.2","local":"0.0.0.0","nopmtudisc":null},
             {"ifname":"b","mode":"gre/ip","remote":"203.0.113.3","local":"203.0.113.1","dev":"eth0","ttl":9,
              "tos":"inherit","ikey":1,"okey":2,"flags":["rx_drop_ooseq","tx_csum"]}]
            """);

        assertThat(host.notes()).isEmpty();
        assertThat(host.toToml()).isEqualTo("""
            [[tunnel]]
            name = "a"
            mode = "ipip"
            remote = "203.0.113.2"
            ttl = "inherit"
            pmtudisc = false

            [[tunnel]]
            name = "b"
            mode = "gre"
            local = "203.0.113.1"
            remote = "203.0.113.3"
            dev = "eth0"
            ttl = 9
            tos = "inherit"
            ikey = 1
            okey = 2
            iseq = true
            ocsum = true
            pmtudisc = true
            """);
    }

    @Test
    void readsNetplan() {
        host.read("60-tunnels.yaml", """
            network:
              version: 2
              tunnels:
                gre1:
                  mode: gre
                  local: 203.0.113.1
                  remote: 203.0.113.2
                  keys:
                    input: 1.2.3.4
                    output: 7
                  ttl: 64
                  addresses: [192.0.2.1/30]
                  routes:
                    - to: 198.51.100.0/24
                    - to: 198.51.101.0/24
                      via: 192.0.2.2
                  nameservers: {}
                wg0:
                  mode: wireguard
            """);

        assertThat(host.notes())
                .containsExactly(
                        "60-tunnels.yaml: tunnel \"gre1\": the route to 198.51.101.0/24 with its options is not"
                                + " converted",
                        "60-tunnels.yaml: tunnel \"gre1\": nameservers is not converted",
                        "60-tunnels.yaml: tunnel \"wg0\": is not converted: \"wireguard\" is none of Culvert's modes");
        assertThat(host.toToml())
                .contains("ikey = 16909060\nokey = 7\n")
                .contains("addresses = [\"192.0.2.1/30\"]\nroutes = [\"198.51.100.0/24\"]\n");
    }

    @Test
    void readsIfupdown() {
        host.read("interfaces", """
            auto gre1
            iface gre1 inet tunnel
                mode gre
                address 192.0.2.1
                netmask 255.255.255.252
                local 203.0.113.1
                endpoint 203.0.113.2
                ttl 64
                dstaddr 192.0.2.2
            iface eth0 inet static
                address 203.0.113.1/24
                pre-up ip tunnel add tun7 mode ipip local 203.0.113.1 \\
                    remote 203.0.113.3 ttl inherit nopmtudisc
                # post-up ip tunnel add not mode gre
            """);

        assertThat(host.toToml()).isEqualTo("""
            # interfaces: tunnel "gre1": dstaddr 192.0.2.2 is not converted

            [[tunnel]]
            name = "gre1"
            mode = "gre"
            local = "203.0.113.1"
            remote = "203.0.113.2"
            ttl = 64
            pmtudisc = true
            addresses = ["192.0.2.1/30"]

            [[tunnel]]
            name = "tun7"
            mode = "ipip"
            local = "203.0.113.1"
            remote = "203.0.113.3"
            ttl = "inherit"
            pmtudisc = false
            """);
    }

    @Test
    void readsNetworkd() {
        host.read("25-gre.netdev", """
            # a comment
            [NetDev]
            Name=gre1
            Kind=gre
            MTUBytes=1400

            [Tunnel]
            Independent=true
            Local=203.0.113.1
            Remote=203.0.113.2
            InputKey=7
            OutputKey=8
            TTL=0
            SerializeTunneledPackets=yes
            CopyDSCP=yes
            """);
        host.read("10-bridge.netdev", "[NetDev]\nName=br0\nKind=bridge\n");

        assertThat(host.toToml()).isEqualTo("""
            # 25-gre.netdev: tunnel "gre1": CopyDSCP=yes is not converted

            [[tunnel]]
            name = "gre1"
            mode = "gre"
            local = "203.0.113.1"
            remote = "203.0.113.2"
            ttl = "inherit"
            ikey = 7
            okey = 8
            seq = true
            pmtudisc = true
            mtu = 1400
            """);
    }

    /** Unless told otherwise, networkd has L2TP over UDP, and over IPv6 without a checksum. */
    @Test
    void readsSessionsOfL2tp() {
        host.read("40.netdev", """
            [NetDev]
            Name=tunnel
            Kind=l2tp

            [L2TP]
            TunnelId=10
            PeerTunnelId=11
            Local=2001:db8::1
            Remote=2001:db8::2
            UDPSourcePort=3000
            UDPDestinationPort=4000

            [L2TPSession]
            Name=one
            SessionId=25
            PeerSessionId=26
            Layer2SpecificHeader=none

            [L2TPSession]
            Name=two
            SessionId=35
            PeerSessionId=36
            """);

        assertThat(host.toToml()).isEqualTo("""
            [[tunnel]]
            name = "one"
            mode = "ip6l2tp"
            local = "2001:db8::1"
            remote = "2001:db8::2"
            ttl = 64
            encap = "udp"
            encap-sport = 3000
            encap-dport = 4000
            encap-csum6 = false
            tunnel_id = 10
            peer_tunnel_id = 11
            session_id = 25
            peer_session_id = 26
            l2spec_type = "none"
            encaplimit = "none"

            [[tunnel]]
            name = "two"
            mode = "ip6l2tp"
            local = "2001:db8::1"
            remote = "2001:db8::2"
            ttl = 64
            encap = "udp"
            encap-sport = 3000
            encap-dport = 4000
            encap-csum6 = false
            tunnel_id = 10
            peer_tunnel_id = 11
            session_id = 35
            peer_session_id = 36
            encaplimit = "none"
            """);
        assertThat(host.notes()).isEmpty();
    }

    @Test
    void namesWhatOfL2tpIsNotConverted() {
        String tunnel = "[NetDev]\nName=tunnel\nKind=l2tp\n[L2TP]\nTunnelId=1\nPeerTunnelId=2\nRemote=203.0.113.2\n"
                + "EncapsulationType=ip\nUDPSourcePort=7\nLocal=dynamic\n";
        host.read("none.netdev", tunnel);
        host.read("one.netdev", tunnel + "[L2TPSession]\nName=s\nSessionId=1\nPeerSessionId=2\nCookie=7\n");

        assertThat(host.notes())
                .containsExactly(
                        "none.netdev: tunnel \"tunnel\": is not converted: it has no [L2TPSession], so that no packet"
                                + " goes through it",
                        "one.netdev: tunnel \"s\": Local=dynamic, an address that networkd finds, is not converted",
                        "one.netdev: tunnel \"s\": Cookie=7 is not converted");
        assertThat(host.toToml()).contains("mode = \"l2tp\"").doesNotContain("encap = ");
    }

    /** Two tunnels with a session each, the sessions first, and a tunnel with none, in the form of {@code ip -j l2tp show}. */
    @Test
    void readsWhatIpL2tpPrints() {
        host.read("sessions", """
            [{"session_id":7,"tunnel_id":1,"peer_session_id":8,"peer_tunnel_id":2,"interface":"l2tpeth0","offset":0,
              "peer_offset":0,"cookie":"014d3636","peer_cookie":"deadbeef014d3636","send_seq":null,"recv_seq":null},
             {"session_id":4294967295,"tunnel_id":3,"peer_session_id":1,"peer_tunnel_id":4,"interface":"six",
              "offset":0,"peer_offset":0,"send_seq":null}]
            """);
        host.read("tunnels", """
            [{"tunnel_id":1,"encap":"IP","local":"203.0.113.1","peer":"203.0.113.2","peer_tunnel":2},
             {"tunnel_id":3,"encap":"UDP","local":"2001:db8::1","peer":"2001:db8::2","peer_tunnel":4,
              "local_port":5000,"peer_port":6000,"checksum_tx":true,"checksum_rx":true}]
            [{"tunnel_id":5,"encap":"UDP","local":"203.0.113.1","peer":"203.0.113.2","peer_tunnel":6,
              "local_port":1,"peer_port":2,"checksum":true}]
            """);
        host.finish();

        String unshown = "\": l2spec_type, which `ip l2tp show` does not print, is not converted";
        assertThat(host.notes())
                .containsExactly(
                        "sessions: tunnel \"l2tpeth0" + unshown,
                        "sessions: tunnel \"six" + unshown,
                        "tunnels: tunnel \"tunnel_id 5\": is not converted: it has no session, so that no packet goes"
                                + " through it: import what `ip -j l2tp show session` prints, too");
        assertThat(host.toToml()).endsWith("""

            [[tunnel]]
            name = "l2tpeth0"
            mode = "l2tp"
            local = "203.0.113.1"
            remote = "203.0.113.2"
            ttl = 64
            seq = true
            pmtudisc = true
            tunnel_id = 1
            peer_tunnel_id = 2
            session_id = 7
            peer_session_id = 8
            cookie = "014d3636"
            peer_cookie = "deadbeef014d3636"

            [[tunnel]]
            name = "six"
            mode = "ip6l2tp"
            local = "2001:db8::1"
            remote = "2001:db8::2"
            ttl = 64
            oseq = true
            encap = "udp"
            encap-sport = 5000
            encap-dport = 6000
            tunnel_id = 3
            peer_tunnel_id = 4
            session_id = 4294967295
            peer_session_id = 1
            encaplimit = "none"
            """);
    }

    @Test
    void readsTheWordsOfIpL2tp() {
        host.read("interfaces", """
            auto l2tpeth0
            iface l2tpeth0 inet manual
                pre-up ip l2tp add tunnel tid 1 ptid 2 encap ip local 203.0.113.1 remote 203.0.113.2; ip l2tp add session \
                    tid 1 sid 7 psid 8 seq recv offset 4
                up ip l2tp a session name named tunnel_id 1 session_id 9 peer_session_id 10 l2spec_type None sideways 3
                up ip l2tp add tunnel session tunnel_id 3 peer_tunnel_id 4 session_id 5 peer_session_id 6 \
                    local 203.0.113.1 remote 203.0.113.3 udp_sport 5000 udp_dport 6000 udp_csum on
                up ip l2tp add session tunnel_id 99 session_id 1 peer_session_id 2 name lost
            """);
        host.finish();

        assertThat(host.notes())
                .containsExactly(
                        "interfaces: tunnel \"named\": sideways 3 is not converted",
                        "interfaces: tunnel \"lost\": is not converted: its tunnel, tunnel_id 99, was not read: import"
                                + " what `ip -j l2tp show tunnel` prints, too");
        assertThat(host.count()).isEqualTo(3);
        assertThat(host.toToml())
                .contains("""
                    name = "l2tpeth0"
                    mode = "l2tp"
                    local = "203.0.113.1"
                    remote = "203.0.113.2"
                    ttl = 64
                    iseq = true
                    """, "session_id = 9\npeer_session_id = 10\nl2spec_type = \"none\"\n", """
                    name = "l2tpeth1"
                    mode = "l2tp"
                    local = "203.0.113.1"
                    remote = "203.0.113.3"
                    ttl = 64
                    """, """
                    encap = "udp"
                    encap-sport = 5000
                    encap-dport = 6000
                    encap-csum = true
                    tunnel_id = 3
                    peer_tunnel_id = 4
                    session_id = 5
                    peer_session_id = 6
                    """);
    }

    /** What another version of ERSPAN has is passed over, as networkd does: systemd.netdev(5). */
    @Test
    void readsNetworkdsErspan() {
        String netdev = "[NetDev]\nName=%s\nKind=erspan\n[Tunnel]\nIndependent=yes\nLocal=203.0.113.1\n"
                + "Remote=203.0.113.2\nERSPANIndex=123\nERSPANDirection=egress\nERSPANHardwareId=42\n";
        host.read("1.netdev", netdev.formatted("one") + "Key=7\nSerializeTunneledPackets=yes\n");
        host.read("2.netdev", netdev.formatted("two") + "ERSPANVersion=2\nInputKey=8\nOutputKey=9\n");
        host.read("0.netdev", netdev.formatted("zero") + "ERSPANVersion=0\n");

        assertThat(host.notes()).isEmpty();
        String common = "mode = \"erspan\"\nlocal = \"203.0.113.1\"\nremote = \"203.0.113.2\"\n";
        assertThat(host.toToml())
                .isEqualTo("[[tunnel]]\nname = \"one\"\n" + common
                        + "ttl = \"inherit\"\nkey = 7\nseq = true\npmtudisc = true\nerspan = 123\n\n"
                        + "[[tunnel]]\nname = \"two\"\n" + common
                        + "ttl = \"inherit\"\nikey = 8\nokey = 9\npmtudisc = true\nerspan_ver = 2\n"
                        + "erspan_dir = \"egress\"\nerspan_hwid = 42\n\n"
                        + "[[tunnel]]\nname = \"zero\"\n" + common
                        + "ttl = \"inherit\"\npmtudisc = true\nerspan_ver = 0\n");
    }

    @Test
    void namesWhatOfNetworkdIsChosenLater() {
        String gre = "[NetDev]\nName=%s\nKind=gre\n[Tunnel]\nRemote=203.0.113.2\n";
        host.read("1.netdev", gre.formatted("one") + "Local=dhcp4\nTOS=17\nIgnoreDontFragment=no\nExternal=no\n");
        host.read("2.netdev", gre.formatted("two") + "External=yes\n");
        host.read("3.netdev", gre.formatted("three") + "IgnoreDontFragment=yes\nTOS=0x10\nLocal=any\n");
        host.read("4.netdev", "[NetDev]\nName=six\nKind=ip6gre\n[Tunnel]\nRemote=2001:db8::2\nTOS=1\n");

        assertThat(host.notes())
                .containsExactly(
                        "1.netdev: tunnel \"one\": Local=dhcp4, an address that networkd finds, is not converted",
                        "2.netdev: tunnel \"two\": is not converted: its packets' endpoints are chosen packet by packet"
                                + " (External)",
                        "4.netdev: tunnel \"six\": TOS=1 is not converted");
        assertThat(host.toToml())
                .contains("tos = \"inherit/0x10\"", "tos = \"0x10\"", "pmtudisc = false\nignore-df = true\n");
    }

    /** What iproute2 6.1 prints on Linux 6.1, less what belongs to any device. */
    @Test
    void losesNothingOfADebianHostInSilence() throws IOException {
        host.read("ip", resource("debian-links.json"));

        assertThat(host.toToml()).isEqualTo(resource("debian-links.toml"));
    }

    @Test
    void losesNothingThatIpTunnelShowPrintsInSilence() throws IOException {
        host.read("ip", resource("debian-tunnels.json"));

        assertThat(host.toToml()).isEqualTo(resource("debian-tunnels.toml"));
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(HostImportTest.class.getResourceAsStream(name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void readsTheWordsOfIpTunnelAsIpDoes() {
        host.read("rc.local", """
            ip tunnel add a mode gre remote 203.0.113.2 tos 10 ttl 5 gibberish
            ip tunnel add b mode ipip remote 203.0.113.3 tos inherit/0x20
            ip -6 tunnel add c remote 2001:db8::2 tclass 10 flowlabel 12345 encaplimit none dscp inherit
            ip -6 tunnel add d mode ip6gre remote 2001:db8::3 allow-localremote key 7
            ip link add e type gre remote 203.0.113.4
            ip link set e up
            """);

        assertThat(host.toToml()).isEqualTo("""
            # rc.local: tunnel "a": gibberish is not converted
            # rc.local: tunnel "e": is not converted: `ip link add` is not read: import what `ip -d -j link` prints on the running host

            [[tunnel]]
            name = "a"
            mode = "gre"
            remote = "203.0.113.2"
            ttl = 5
            tos = "0x10"
            pmtudisc = true

            [[tunnel]]
            name = "b"
            mode = "ipip"
            remote = "203.0.113.3"
            ttl = "inherit"
            tos = "inherit/0x20"
            pmtudisc = true

            [[tunnel]]
            name = "c"
            mode = "ip6ip6"
            remote = "2001:db8::2"
            ttl = 64
            encaplimit = "none"
            tclass = 16
            flowlabel = 74565
            dscp = "inherit"

            [[tunnel]]
            name = "d"
            mode = "ip6gre"
            remote = "2001:db8::3"
            ttl = 64
            key = 7
            allow-localremote = true
            """);
    }

    @Test
    void readsWhatNetworkdHasForIpv6AndNamesTheRest() {
        host.read("30.netdev", """
            [Match]
            Host=router1
            [NetDev]
            Name=t1
            Kind=ip6tnl
            MACAddress=02:00:00:00:00:01
            [Tunnel]
            Mode=any
            Remote=2001:db8::2
            EncapsulationLimit=none
            IPv6FlowLabel=inherit
            CopyDSCP=yes
            AllowLocalRemote=yes
            ERSPANIndex=7
            """);

        assertThat(host.notes())
                .containsExactly(
                        "30.netdev: tunnel \"t1\": ERSPANIndex=7 is not converted",
                        "30.netdev: tunnel \"t1\": MACAddress=02:00:00:00:00:01 is not converted",
                        "30.netdev: tunnel \"t1\": [Match] Host=router1 is not converted");
        assertThat(host.toToml())
                .contains("mode = \"any6\"")
                .contains("encaplimit = \"none\"")
                .contains("flowlabel = \"inherit\"")
                .contains("dscp = \"inherit\"")
                .contains("allow-localremote = true");
    }

    @Test
    void givesADefaultRouteTheFamilyThatTheTunnelCarries() {
        host.read("n.yaml", """
            network:
              tunnels:
                six:
                  routes: [{to: default}]
                  mode: sit
                  remote: 203.0.113.2
                four:
                  mode: gre
                  remote: 203.0.113.3
                  routes: [{to: default}]
            """);

        assertThat(host.toToml()).contains("routes = [\"::/0\"]").contains("routes = [\"0.0.0.0/0\"]");
    }

    @Test
    void namesWhatItCannotRead() {
        host.read("broken", "[{\"ifname\":");
        host.read("v6.netdev", "[NetDev]\nName=x\nKind=gre\n[Tunnel]\nLocal=2001:db8::1\nRemote=203.0.113.2\n");

        assertThat(host.count()).isZero();
        assertThat(host.notes()).hasSize(2);
        assertThat(host.notes().get(0)).startsWith("broken: cannot be read: ");
        assertThat(host.notes().get(1))
                .startsWith("v6.netdev: tunnel \"x\": is not converted: 2001:db8:0:0:0:0:0:1 is not");
    }
}
