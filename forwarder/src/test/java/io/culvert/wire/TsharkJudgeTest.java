package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.Tshark;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Packets that our flyweights build, as tshark decodes them. */
final class TsharkJudgeTest {
    private static final int PACKETS = 600;

    private final List<JudgedPacket> packets = IntStream.range(0, PACKETS)
            .mapToObj(seed -> new JudgedPacket(new SplittableRandom(seed)))
            .toList();

    private final List<String> fields = allFields();

    @BeforeEach
    void requireTheJudge() {
        Tshark.require();
    }

    @Test
    void decodesEveryFieldOfEveryPacketAsWeWroteIt() {
        List<List<String>> decoded =
                judge(packets.stream().map(JudgedPacket::bytes).toList());

        for (int i = 0; i < PACKETS; i++) {
            assertThat(complaints(packets.get(i), decoded.get(i)))
                    .as("packet of seed %d, %s", i, Hex.text(packets.get(i).bytes()))
                    .isEmpty();
        }
    }

    /** The judge is worth something: with any one bit of the outer header flipped, each packet displeases it. */
    @Test
    void complainsOfEveryFlippedBit() {
        List<byte[]> spoilt = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(1);
        for (JudgedPacket packet : packets) {
            byte[] bytes = packet.bytes();
            bytes[random.nextInt(20)] ^= (byte) (1 << random.nextInt(8));
            spoilt.add(bytes);
        }
        List<List<String>> decoded = judge(spoilt);

        for (int i = 0; i < PACKETS; i++) {
            assertThat(complaints(packets.get(i), decoded.get(i)))
                    .as("packet of seed %d, %s", i, Hex.text(spoilt.get(i)))
                    .isNotEmpty();
        }
    }

    private List<List<String>> judge(List<byte[]> bytes) {
        List<List<String>> decoded = Tshark.fields(bytes, fields);
        assertThat(decoded).hasSameSizeAs(bytes);
        return decoded;
    }

    private List<String> complaints(JudgedPacket packet, List<String> decoded) {
        List<String> complaints = new ArrayList<>();
        for (int i = 0; i < fields.size(); i++) {
            List<String> expected = packet.fields().getOrDefault(fields.get(i), List.of());
            List<String> found = decoded.get(i).isEmpty()
                    ? List.of()
                    : Arrays.stream(decoded.get(i).split(",", -1))
                            .map(TsharkJudgeTest::normal)
                            .toList();
            if (!found.equals(expected)) {
                complaints.add(fields.get(i) + ": expected " + expected + ", tshark found " + found);
            }
        }
        return complaints;
    }

    /** Numbers in decimal, whatever tshark's base for the field; booleans as 0 and 1. */
    private static String normal(String value) {
        return switch (value) {
            case "True" -> "1";
            case "False" -> "0";
            default -> value.startsWith("0x") ? Long.decode(value).toString() : value;
        };
    }

    private List<String> allFields() {
        Set<String> names = new LinkedHashSet<>();
        packets.forEach(packet -> names.addAll(packet.fields().keySet()));
        return List.copyOf(names);
    }
}
