package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.Judges;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Packets that scapy builds, as our flyweights parse them: every combination of what is optional in a header. */
final class ScapyJudgeTest {
    private static final int GRE_PACKETS = 8 * 2 * 2;
    private static final int IPV4_PACKETS = 11 * 5;
    private static final int IPV6_PACKETS = 32 * 4;

    private final Ipv4Flyweight ipv4 = new Ipv4Flyweight();
    private final Ipv6Flyweight ipv6 = new Ipv6Flyweight();
    private final Ipv6ExtensionHeaders extensions = new Ipv6ExtensionHeaders();
    private final GreFlyweight gre = new GreFlyweight();

    @BeforeEach
    void requireTheJudge() {
        Judges.requireScapy();
    }

    @Test
    void parsesEveryPacketToWhatWasPutIn() {
        List<String> lines = Judges.python(ScapyJudgeTest.class, "/wire/packets.py");
        assertThat(lines).hasSize(GRE_PACKETS + IPV4_PACKETS + IPV6_PACKETS);
        for (String line : lines) {
            int tab = line.indexOf('\t');
            byte[] packet = Hex.bytes(line.substring(tab));
            Map<String, String> expected = new TreeMap<>();
            for (String pair : line.substring(0, tab).split(";", -1)) {
                expected.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
            }
            String kind = expected.remove("kind");

            assertThat(parse(kind, packet)).as("%s %s", kind, Hex.text(packet)).isEqualTo(expected);
        }
    }

    private Map<String, String> parse(String kind, byte[] packet) {
        Map<String, String> values = new TreeMap<>();
        UnsafeBuffer buffer = new UnsafeBuffer(packet);
        int payload = parseIp(buffer, 0, "outer.", values);
        switch (kind) {
            case "gre" -> parseGre(buffer, payload, values);
            case "ipv6" -> parseExtensions(buffer, values);
            default -> assertThat(kind).isEqualTo("ipv4");
        }
        return values;
    }

    private int parseIp(UnsafeBuffer buffer, int offset, String prefix, Map<String, String> values) {
        return buffer.getByte(offset) >>> 4 == 4
                ? parseIpv4(buffer, offset, prefix, values)
                : parseIpv6(buffer, offset, prefix, values);
    }

    private int parseIpv4(UnsafeBuffer buffer, int offset, String prefix, Map<String, String> values) {
        assertThat(Ipv4Flyweight.validate(buffer, offset, buffer.capacity() - offset))
                .isEqualTo(Malformed.NONE);
        ipv4.wrap(buffer, offset);
        assertThat(ipv4.isChecksumValid()).isTrue();
        put(values, prefix + "headerLength", ipv4.headerLength());
        put(values, prefix + "tos", ipv4.tos());
        put(values, prefix + "totalLength", ipv4.totalLength());
        put(values, prefix + "identification", ipv4.identification());
        put(values, prefix + "flags", (ipv4.dontFragment() ? 2 : 0) + (ipv4.moreFragments() ? 1 : 0));
        put(values, prefix + "fragmentOffset", ipv4.fragmentOffset());
        put(values, prefix + "ttl", ipv4.ttl());
        put(values, prefix + "protocol", ipv4.protocol());
        put(values, prefix + "checksum", ipv4.checksum());
        values.put(prefix + "source", String.format("%08x", ipv4.source()));
        values.put(prefix + "destination", String.format("%08x", ipv4.destination()));
        return ipv4.payloadOffset();
    }

    private int parseIpv6(UnsafeBuffer buffer, int offset, String prefix, Map<String, String> values) {
        assertThat(Ipv6Flyweight.validate(buffer, offset, buffer.capacity() - offset))
                .isEqualTo(Malformed.NONE);
        ipv6.wrap(buffer, offset);
        put(values, prefix + "trafficClass", ipv6.trafficClass());
        put(values, prefix + "flowLabel", ipv6.flowLabel());
        put(values, prefix + "payloadLength", ipv6.payloadLength());
        put(values, prefix + "nextHeader", ipv6.nextHeader());
        put(values, prefix + "hopLimit", ipv6.hopLimit());
        values.put(prefix + "source", String.format("%016x%016x", ipv6.sourceHigh(), ipv6.sourceLow()));
        values.put(prefix + "destination", String.format("%016x%016x", ipv6.destinationHigh(), ipv6.destinationLow()));
        return ipv6.payloadOffset();
    }

    private void parseGre(UnsafeBuffer buffer, int offset, Map<String, String> values) {
        int length = buffer.capacity() - offset;
        assertThat(GreFlyweight.validate(buffer, offset, length)).isEqualTo(Malformed.NONE);
        gre.wrap(buffer, offset);
        assertThat(gre.isChecksumValid(length)).isTrue();
        put(values, "gre.hasChecksum", gre.hasChecksum() ? 1 : 0);
        put(values, "gre.hasKey", gre.hasKey() ? 1 : 0);
        put(values, "gre.hasSequence", gre.hasSequence() ? 1 : 0);
        put(values, "gre.protocol", gre.protocol());
        put(values, "gre.checksum", gre.checksum());
        put(values, "gre.key", Integer.toUnsignedLong(gre.key()));
        put(values, "gre.sequence", Integer.toUnsignedLong(gre.sequence()));
        put(values, "gre.headerLength", gre.headerLength());
        parseIp(buffer, gre.payloadOffset(), "inner.", values);
    }

    private void parseExtensions(UnsafeBuffer buffer, Map<String, String> values) {
        assertThat(extensions.parse(buffer, 0, buffer.capacity())).isEqualTo(Malformed.NONE);
        put(values, "upperProtocol", extensions.upperProtocol());
        put(values, "upperOffset", extensions.upperOffset());
        put(values, "hasFragmentHeader", extensions.hasFragmentHeader() ? 1 : 0);
        put(values, "identification", Integer.toUnsignedLong(extensions.identification()));
        put(values, "fragmentOffset", extensions.fragmentOffset());
        put(values, "moreFragments", extensions.moreFragments() ? 1 : 0);
    }

    private static void put(Map<String, String> values, String name, long value) {
        values.put(name, Long.toString(value));
    }
}
