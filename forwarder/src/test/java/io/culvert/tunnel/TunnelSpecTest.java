package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.esp.EspTransform;
import io.culvert.esp.SaLifetime;
import io.culvert.esp.SaSpec;
import java.lang.reflect.RecordComponent;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TunnelSpecTest {

    private static TunnelSpecBuilder gre() {
        return TestTunnels.spec(Mode.GRE);
    }

    private static TunnelSpecBuilder ipip() {
        return TestTunnels.spec(Mode.IPIP);
    }

    private static InetAddress address(String literal) {
        return InetAddress.ofLiteral(literal);
    }

    private static List<String> keys(TunnelSpecBuilder spec) {
        return spec.build().problems().stream().map(TunnelSpec.Problem::key).toList();
    }

    private record Case(String name, TunnelSpecBuilder spec, List<String> keys) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Case fine(String name, UnaryOperator<TunnelSpecBuilder> change) {
        return new Case(name, change.apply(gre()), List.of());
    }

    private static Case wrong(String key, String name, UnaryOperator<TunnelSpecBuilder> change) {
        return new Case(name, change.apply(gre()), List.of(key));
    }

    private static Case wrongUnkeyed(String key, UnaryOperator<TunnelSpecBuilder> change) {
        return new Case("ipip with " + key, change.apply(ipip()), List.of(key));
    }

    private static Stream<Case> cases() {
        return Stream.of(
                fine("the least", spec -> spec),
                fine("no local", spec -> spec.local(null)),
                fine(
                        "every option",
                        spec -> spec.key(-1).seq(true).csum(true).ttl(255).tos(0xff)),
                fine("pmtudisc off with inherited ttl", spec -> spec.pmtudisc(false)),
                fine("inner DF ignored", spec -> spec.pmtudisc(false).ignoreDf(true)),
                wrong("ignore-df", "inner DF ignored with pmtudisc", spec -> spec.ignoreDf(true)),
                new Case("inner DF ignored, ipip", ipip().pmtudisc(false).ignoreDf(true), List.of("ignore-df")),
                fine("least mtu", spec -> spec.mtu(68)),
                fine("largest mtu", spec -> spec.mtu(65_515)),
                fine("address with host bits", spec -> spec.addresses(List.of(Prefix.parse("192.0.2.1/30")))),
                fine("routes", spec -> spec.routes(List.of(Prefix.parse("::/0"), Prefix.parse("0.0.0.0/0")))),
                new Case("plain ipip", ipip(), List.of()),
                fine("no remote", spec -> spec.remote(null)),
                wrong("remote", "no address", spec -> spec.local(null).remote(null)),
                wrong("remote", "remote is local", spec -> spec.remote(address("203.0.113.1"))),
                wrong("remote", "IPv6 remote", spec -> spec.remote(address("2001:db8::1"))),
                wrong("local", "IPv6 local", spec -> spec.local(address("2001:db8::1"))),
                fine(
                        "multicast remote",
                        spec -> spec.remote(address("224.0.0.1")).ttl(5)),
                new Case("ipip with a multicast remote", ipip().remote(address("239.1.2.3")), List.of()),
                new Case(
                        "sit with a multicast remote",
                        TestTunnels.spec(Mode.SIT).remote(address("239.1.2.3")),
                        List.of("remote")),
                new Case(
                        "gretap with a multicast remote",
                        TestTunnels.spec(Mode.GRETAP).remote(address("239.1.2.3")),
                        List.of("remote")),
                wrong(
                        "local",
                        "multicast remote without local",
                        spec -> spec.remote(address("224.0.0.1")).local(null)),
                wrong(
                        "encap",
                        "multicast remote behind UDP",
                        spec -> spec.remote(address("224.0.0.1"))
                                .encap(new UdpEncap(UdpEncap.Kind.GUE, 0, 5555, false))),
                wrong(
                        "keepalive",
                        "keepalive to a multicast remote",
                        spec -> spec.remote(address("224.0.0.1")).keepalive(new Keepalive(10, 3))),
                wrong("local", "multicast local", spec -> spec.local(address("239.1.2.3"))),
                wrong("local", "loopback local", spec -> spec.local(address("127.0.0.1"))),
                wrong("remote", "broadcast remote", spec -> spec.remote(address("255.255.255.255"))),
                wrong("remote", "zero remote", spec -> spec.remote(address("0.0.0.1"))),
                wrong("ttl", "negative ttl", spec -> spec.ttl(-1)),
                wrong("ttl", "large ttl", spec -> spec.ttl(256)),
                wrong("pmtudisc", "pmtudisc off with ttl", spec -> spec.ttl(64).pmtudisc(false)),
                wrong("tos", "negative tos", spec -> spec.tos(-1)),
                wrong("tos", "large tos", spec -> spec.tos(256)),
                wrong("mtu", "small mtu", spec -> spec.mtu(67)),
                wrong("mtu", "negative mtu", spec -> spec.mtu(-1)),
                wrong("mtu", "large mtu", spec -> spec.mtu(65_516)),
                wrong(
                        "routes[1]",
                        "route",
                        spec -> spec.routes(List.of(Prefix.parse("10.0.0.0/8"), Prefix.parse("192.0.2.1/24")))),
                wrong(
                        "inner-source[0]",
                        "inner source",
                        spec -> spec.innerSource(List.of(Prefix.parse("2001:db8::1/64")))),
                new Case("gretap", TestTunnels.spec(Mode.GRETAP), List.of()),
                new Case("gretap, no remote", TestTunnels.spec(Mode.GRETAP).remote(null), List.of("remote")),
                new Case(
                        "gretap, inner source",
                        TestTunnels.spec(Mode.GRETAP).innerSource(List.of(Prefix.parse("192.0.2.0/24"))),
                        List.of("inner-source")),
                wrongUnkeyed("ikey", spec -> spec.key(1)),
                wrongUnkeyed("okey", spec -> spec.okey(0)),
                wrongUnkeyed("iseq", spec -> spec.seq(true)),
                wrongUnkeyed("oseq", spec -> spec.oseq(true)),
                wrongUnkeyed("icsum", spec -> spec.csum(true)),
                wrongUnkeyed("ocsum", spec -> spec.ocsum(true)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void namesTheKeyThatIsWrong(Case example) {
        assertThat(keys(example.spec())).isEqualTo(example.keys());
    }

    @Test
    void namesEveryProblemAtOnce() {
        assertThat(keys(TunnelSpec.builder("a b", Mode.IPIP).ttl(300).mtu(1).key(1)))
                .containsExactlyInAnyOrder("name", "remote", "ttl", "ikey", "mtu");
    }

    @Test
    void saysWhatIsWrongAndWhatToWrite() {
        TunnelSpec.Problem problem = gre().mtu(67).build().problems().getFirst();

        assertThat(problem.message()).isEqualTo("67 is not an MTU");
        assertThat(problem.hint()).isEqualTo("use 68 to 65515, or leave it out");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "gre1", "fifteen-letters", "...", "x.y", "@", "~"})
    void takesDeviceNames(String name) {
        assertThat(TunnelSpec.isValidName(name)).isTrue();
        assertThat(keys(TunnelSpec.builder(name, Mode.GRE).remote(address("203.0.113.2"))))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ".", "..", "sixteen-letters.", "a b", "a/b", "a:b", "a\tb", "a\n", "gré", "a\u007f", "\u0000"
            })
    void refusesWhatTheKernelTakesForNoDeviceName(String name) {
        assertThat(TunnelSpec.isValidName(name)).isFalse();
        assertThat(keys(TunnelSpec.builder(name, Mode.GRE).remote(address("203.0.113.2"))))
                .containsExactly("name");
    }

    @Test
    void hasTheDefaultsOfIpTunnelAdd() {
        TunnelSpec spec = TunnelSpec.builder("t1", Mode.GRE).build();

        assertThat(spec.ttl()).isZero();
        assertThat(spec.tos()).isZero();
        assertThat(spec.pmtudisc()).isTrue();
        assertThat(spec.mtu()).isZero();
        assertThat(spec.ikey()).isNull();
        assertThat(spec.okey()).isNull();
        assertThat(spec.iseq() || spec.oseq() || spec.icsum() || spec.ocsum()).isFalse();
    }

    @Test
    void keepsEverythingElseUnderAnotherName() throws ReflectiveOperationException {
        List<Prefix> prefixes = List.of(Prefix.parse("10.0.0.0/8"));
        Path key = Path.of("key");
        TunnelSpec defaults = TunnelSpec.builder("t1", Mode.GRE).build();
        TunnelSpec spec = TunnelSpec.builder("t1", Mode.SIT)
                .local(address("203.0.113.1"))
                .remote(address("203.0.113.2"))
                .dev("eth0")
                .ttl(1)
                .tos(2)
                .ikey(3)
                .okey(4)
                .seq(true)
                .csum(true)
                .pmtudisc(false)
                .ignoreDf(true)
                .mtu(5)
                .ipv6(Ipv6Outer.DEFAULT.withFlowLabel(6))
                .addresses(prefixes)
                .routes(prefixes)
                .innerSource(prefixes)
                .encap(new UdpEncap(UdpEncap.Kind.GUE, 7, 8, true))
                .keepalive(new Keepalive(9, 10))
                .payload(Payload.ANY)
                .sit(SitOptions.DEFAULT.withSixRd(Prefix.parse("2001:db8::/32"), Prefix.parse("0.0.0.0/0")))
                .erspan(new ErspanOptions(2, 11, true, 12))
                .pptp(new PptpOptions(15, 16))
                .l2tp(new L2tpOptions(13, 14, L2tpCookie.parse("014d3636"), L2tpCookie.NONE, false))
                .sa(List.of(new SaSpec(
                        SaSpec.Direction.OUT, 256, EspTransform.AES_GCM, key, null, false, 64, SaLifetime.UNLIMITED)))
                .build();
        for (RecordComponent component : TunnelSpec.class.getRecordComponents()) {
            if (!component.getName().equals("name")) {
                assertThat(component.getAccessor().invoke(spec))
                        .as("%s, so that the copy is seen", component.getName())
                        .isNotEqualTo(component.getAccessor().invoke(defaults));
            }
        }

        TunnelSpec renamed = spec.withName("t2");

        assertThat(renamed.name()).isEqualTo("t2");
        assertThat(renamed.withName("t1")).isEqualTo(spec);
    }

    @Test
    void setsBothDirectionsByOneWord() {
        TunnelSpec spec = gre().key(5).seq(true).csum(true).build();

        assertThat(spec.ikey()).isEqualTo(spec.okey()).isEqualTo(5);
        assertThat(spec.iseq() && spec.oseq() && spec.icsum() && spec.ocsum()).isTrue();
        assertThat(gre().ikey(2).okey(1).build().okey()).isEqualTo(1);
    }

    @Test
    void doesNotChangeWithTheListsItWasMadeFrom() {
        List<Prefix> list = new ArrayList<>(List.of(Prefix.parse("10.0.0.0/8")));
        TunnelSpec spec = gre().addresses(list).routes(list).innerSource(list).build();
        list.clear();

        assertThat(spec.addresses()).hasSize(1);
        assertThat(spec.routes()).hasSize(1);
        assertThat(spec.innerSource()).hasSize(1);
    }
}
