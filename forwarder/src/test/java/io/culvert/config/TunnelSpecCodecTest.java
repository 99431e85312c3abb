package io.culvert.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpecBuilder;
import io.culvert.tunnel.UdpEncap;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class TunnelSpecCodecTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final InetAddress LOCAL = InetAddress.ofLiteral("203.0.113.1");
    private static final InetAddress REMOTE = InetAddress.ofLiteral("203.0.113.2");

    private static TunnelSpecBuilder gre() {
        return TunnelSpec.builder("gre1", Mode.GRE).local(LOCAL).remote(REMOTE);
    }

    private static ObjectNode tree(String more) {
        return (ObjectNode)
                JSON.readTree("{\"name\":\"gre1\",\"mode\":\"gre\",\"local\":\"203.0.113.1\",\"remote\":\"203.0.113.2\""
                        + more + "}");
    }

    private static TunnelSpec decode(ObjectNode tree) {
        TunnelSpecCodec.Decoded decoded = TunnelSpecCodec.decode(tree);
        assertThat(decoded.problems()).isEmpty();
        assertThat(decoded.spec()).isNotNull();
        return decoded.spec();
    }

    @Test
    void writesTheKeysOfTheFile() {
        TunnelSpec spec = gre().dev("eth0")
                .ttl(64)
                .tos(0x11)
                .key(-1)
                .iseq(true)
                .csum(true)
                .mtu(1400)
                .addresses(List.of(Prefix.parse("192.0.2.1/30")))
                .routes(List.of(Prefix.parse("198.51.100.0/24"), Prefix.parse("2001:db8::/32")))
                .innerSource(List.of(Prefix.parse("192.0.2.0/30")))
                .build();

        assertThat(TunnelSpecCodec.encode(spec).toString())
                .isEqualTo("{\"name\":\"gre1\",\"mode\":\"gre\",\"local\":\"203.0.113.1\",\"remote\":\"203.0.113.2\","
                        + "\"dev\":\"eth0\",\"ttl\":64,\"tos\":\"inherit/0x10\",\"key\":4294967295,\"iseq\":true,"
                        + "\"csum\":true,\"pmtudisc\":true,\"mtu\":1400,\"addresses\":[\"192.0.2.1/30\"],"
                        + "\"routes\":[\"198.51.100.0/24\",\"2001:db8::/32\"],\"inner-source\":[\"192.0.2.0/30\"]}");
        assertThat(decode(TunnelSpecCodec.encode(spec))).isEqualTo(spec);
    }

    @Test
    void readsBackWhatItWrites() {
        for (int tos = 0; tos < 256; tos++) {
            TunnelSpec spec = gre().tos(tos)
                    .ttl(tos)
                    .pmtudisc(tos == 0)
                    .ikey(tos % 3 == 0 ? null : tos)
                    .okey(tos % 2 == 0 ? null : -tos)
                    .oseq(tos % 2 == 0)
                    .icsum(tos % 3 == 0)
                    .pmtudisc(true)
                    .build();
            assertThat(decode(TunnelSpecCodec.encode(spec))).isEqualTo(spec);
        }
        TunnelSpec ipip = TunnelSpec.builder("ipip1", Mode.IPIP)
                .remote(REMOTE)
                .pmtudisc(false)
                .build();
        assertThat(decode(TunnelSpecCodec.encode(ipip))).isEqualTo(ipip);
    }

    @Test
    void startsFromTheDefaultsOfIpTunnelAdd() {
        assertThat(decode(tree(""))).isEqualTo(gre().build());
        assertThat(decode(tree(",\"encap\":\"none\",\"ttl\":\"inherit\",\"dev\":\"eth0\"")))
                .isEqualTo(gre().dev("eth0").build());
    }

    @ParameterizedTest
    @CsvSource({"7, 7", "'\"0.0.0.7\"', 7", "4294967295, -1", "'\"255.255.255.255\"', -1", "0, 0"})
    void readsKeyAsNumberOrDottedQuad(String json, int key) {
        assertThat(decode(tree(",\"key\":" + json))).isEqualTo(gre().key(key).build());
    }

    @Test
    void letsOneDirectionsKeyWin() {
        assertThat(decode(tree(",\"key\":7,\"okey\":8,\"seq\":true,\"iseq\":false,\"icsum\":true")))
                .isEqualTo(gre().ikey(7).okey(8).oseq(true).icsum(true).build());
    }

    @ParameterizedTest
    @CsvSource({"inherit, 1", "0x10, 16", "inherit/0x10, 17", "AF11, 0x28", "inherit/EF, 0xb9", "default, 0"})
    void readsTosWords(String word, String tos) {
        assertThat(decode(tree(",\"tos\":\"" + word + "\"")).tos()).isEqualTo(Integer.decode(tos));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"ttl\":0",
                "\"ttl\":256",
                "\"ttl\":\"64\"",
                "\"ttl\":1.5",
                "\"tos\":17",
                "\"tos\":256",
                "\"tos\":\"zz\"",
                "\"key\":-1",
                "\"key\":4294967296",
                "\"key\":\"1.2.3\"",
                "\"key\":\"abc\"",
                "\"seq\":1",
                "\"pmtudisc\":\"yes\"",
                "\"mtu\":67",
                "\"mtu\":70000",
                "\"mtu\":99999999999",
                "\"addresses\":\"192.0.2.1/30\"",
                "\"addresses\":[1]",
                "\"addresses\":[\"192.0.2.1/33\"]",
                "\"addresses\":[\"10.1/16\"]",
                "\"routes\":[\"192.0.2.1/24\"]",
                "\"inner-source\":[\"example.org\"]",
                "\"dev\":\"a/b\"",
                "\"dev\":null",
                "\"local\":\"10.1\"",
                "\"local\":\"localhost\"",
                "\"local\":\"2001:db8::1\"",
                "\"remote\":\"203.0.113.1\"",
                "\"prl-default\":[\"203.0.113.2\"]",
                "\"6rd-prefix\":\"2001:db8::\"",
                "\"remote\":\"255.255.255.255\"",
                "\"mode\":\"esp\"",
                "\"sa\":7",
                "\"proto\":\"any\"",
                "\"proto\":\"mplsip\"",
                "\"proto\":\"mpls\"",
                "\"mode\":\"grr\"",
                "\"mode\":7",
                "\"name\":\"\"",
                "\"name\":[]",
                "\"encap\":\"gue\"",
                "\"encap\":\"x\"",
                "\"6rd-prefix\":\"2001:db8::/32\"",
                "\"color\":\"blue\"",
            })
    void findsExactlyTheOneProblem(String member) {
        String key = member.substring(1, member.indexOf('"', 1));
        ObjectNode tree = tree("");
        tree.setAll((ObjectNode) JSON.readTree("{" + member + "}"));

        TunnelSpecCodec.Decoded decoded = TunnelSpecCodec.decode(tree);

        assertThat(decoded.spec()).isNull();
        assertThat(decoded.problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.key()).isIn(key, key + "[0]"));
    }

    /** As {@code ip link} has it: over IPv6 there is a checksum unless it is switched off. */
    @ParameterizedTest
    @CsvSource({
        "gre, '', false",
        "gre, '\"encap-csum\":true', true",
        "ip6gre, '', true",
        "ip6gre, '\"encap-csum6\":true', true",
        "ip6gre, '\"encap-csum6\":false', false"
    })
    void hasAUdpChecksumByTheOuterHeader(String mode, String member, boolean csum) {
        String prefix = mode.equals("gre") ? "203.0.113." : "2001:db8::";
        ObjectNode tree = (ObjectNode) JSON.readTree(
                "{\"name\":\"t\",\"mode\":\"%s\",\"local\":\"%s1\",\"remote\":\"%s2\",\"encap\":\"gue\",\"encap-dport\":5555"
                                .formatted(mode, prefix, prefix)
                        + (member.isEmpty() ? "" : "," + member) + "}");

        TunnelSpec spec = decode(tree);

        assertThat(spec.encap()).isEqualTo(new UdpEncap(UdpEncap.Kind.GUE, 0, 5555, csum));
        assertThat(decode(TunnelSpecCodec.encode(spec))).isEqualTo(spec);
    }

    @Test
    void refusesTheOtherOuterHeadersChecksum() {
        ObjectNode tree = tree(",\"encap\":\"gue\",\"encap-dport\":5555,\"encap-csum6\":true");

        assertThat(TunnelSpecCodec.decode(tree).problems())
                .singleElement()
                .isEqualTo(new TunnelSpec.Problem(
                        "encap-csum6",
                        "encap-csum6 is not allowed with mode gre, whose outer header is IPv4",
                        "use encap-csum"));
    }

    @Test
    void findsAllProblemsAtOnce() {
        ObjectNode tree = (ObjectNode) JSON.readTree(
                "{\"mode\":\"ipip\",\"locl\":\"203.0.113.1\",\"remote\":\"x\",\"key\":7,\"ttl\":999,\"seq\":true}");

        assertThat(TunnelSpecCodec.decode(tree).problems())
                .extracting(TunnelSpec.Problem::key, TunnelSpec.Problem::hint)
                .containsExactlyInAnyOrder(
                        tuple("locl", "did you mean \"local\"?"),
                        tuple("name", "add name = \"DEVICE\""),
                        tuple("remote", "write it as 203.0.113.1: names are not looked up"),
                        tuple("ttl", "use 1 to 255, or \"inherit\""),
                        tuple("key", "use mode gre, or leave it out"),
                        tuple("seq", "use mode gre, or leave it out"));
    }

    private static ObjectNode l2tp(String more) {
        return (ObjectNode) JSON.readTree("{\"name\":\"l1\",\"mode\":\"l2tp\",\"local\":\"203.0.113.1\","
                + "\"remote\":\"203.0.113.2\",\"ttl\":\"inherit\",\"pmtudisc\":true" + more + "}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ",\"session_id\":1,\"peer_session_id\":4294967295",
                ",\"session_id\":7,\"peer_session_id\":7,\"cookie\":\"014d3636\",\"peer_cookie\":\"fedcba9876543210\"",
                ",\"session_id\":7,\"peer_session_id\":7,\"cookie\":\"00000000\",\"l2spec_type\":\"none\"",
                ",\"session_id\":7,\"peer_session_id\":7,\"l2spec_type\":\"none\",\"pwtype\":\"ppp\"",
                ",\"tunnel_id\":1,\"peer_tunnel_id\":4294967295,\"session_id\":7,\"peer_session_id\":7"
            })
    void writesTheSessionsThatItReads(String session) {
        ObjectNode tree = l2tp(session);

        assertThat(TunnelSpecCodec.encode(decode(tree))).hasToString(tree.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "\"session_id\":0; session_id; use 1 to 4294967295",
                "\"session_id\":4294967296; session_id; use 1 to 4294967295",
                "\"session_id\":\"7\"; session_id; use 1 to 4294967295",
                "\"cookie\":\"14d3636\"; cookie; use 8 or 16 hexadecimal digits, such as \"014d3636\"",
                "\"peer_cookie\":\"0x4d3636\"; peer_cookie; use 8 or 16 hexadecimal digits, such as \"014d3636\"",
                "\"l2spec_type\":\"atm\"; l2spec_type; use \"default\" or \"none\"",
                "\"pwtype\":\"atm\"; pwtype; use \"eth\" or \"ppp\"",
                "\"tunnel_id\":1; tunnel_id; 'set both to 1 to 4294967295, or none'",
                "\"peer_tunnel_id\":1; peer_tunnel_id; 'set both to 1 to 4294967295, or none'"
            })
    void saysWhatASessionMayBe(String wrong, String key, String hint) {
        String session = wrong.startsWith("\"session_id") ? "" : "\"session_id\":7,";
        ObjectNode tree = l2tp("," + session + "\"peer_session_id\":7," + wrong);

        assertThat(TunnelSpecCodec.decode(tree).problems()).singleElement().satisfies(problem -> {
            assertThat(problem.key()).isEqualTo(key);
            assertThat(problem.hint()).isEqualTo(hint);
        });
    }

    @Test
    void refusesASessionInOtherModes() {
        assertThat(TunnelSpecCodec.decode(tree(",\"session_id\":7")).problems())
                .extracting("key", "message")
                .containsExactly(tuple("session_id", "session_id is not allowed with mode gre"));
    }
}
