package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which GRE headers which tunnel takes, against the rules written down once more. */
final class GreAcceptanceTest {

    private static final int KEY = 7;
    private static final int SEQUENCE = 0x01020304;

    private final SlotMemory memory = new SlotMemory();

    private static TunnelTable table(boolean icsum, @Nullable Integer ikey, boolean iseq) {
        return new TunnelTable(List.of(TestTunnels.tunnel(
                TestTunnels.spec(Mode.GRE).icsum(icsum).ikey(ikey).iseq(iseq))));
    }

    private Slot decapsulate(TunnelTable table, byte[] packet) {
        Slot slot = memory.slot(packet, table);
        Decapsulation.decapsulate(slot);
        return slot;
    }

    /** A combination of what the packet has and the tunnel wants. */
    private record Options(
            boolean checksum,
            boolean checksumRight,
            @Nullable Integer key,
            @Nullable Integer sequence,
            boolean icsum,
            @Nullable Integer ikey,
            boolean iseq) {

        String expected() {
            if (key == null ? ikey != null : !key.equals(ikey)) {
                return "key_mismatch";
            }
            if (checksum != icsum) {
                return checksum ? "csum_unexpected" : "csum_missing";
            }
            if (checksum && !checksumRight) {
                return "csum_bad";
            }
            return iseq && sequence == null ? "seq_missing" : "FORWARD";
        }

        byte[] packet() {
            byte[] packet =
                    Packets.gre(Packets.gre().checksum(checksum).key(key).sequence(sequence));
            return checksum && !checksumRight ? Packets.with(packet, 25, packet[25] ^ 1) : packet;
        }
    }

    private static List<Options> combinations() {
        List<Options> all = new ArrayList<>();
        for (int bits = 0; bits < 32; bits++) {
            for (Integer key : Arrays.asList(null, 0, KEY)) {
                for (Integer ikey : Arrays.asList(null, 0, KEY)) {
                    all.add(new Options(
                            (bits & 1) != 0,
                            (bits & 2) != 0,
                            key,
                            (bits & 4) != 0 ? SEQUENCE : null,
                            (bits & 8) != 0,
                            ikey,
                            (bits & 16) != 0));
                }
            }
        }
        return all;
    }

    @Test
    void takesOptionsAsConfiguredOnly() {
        for (Options options : combinations()) {
            Slot slot = decapsulate(table(options.icsum(), options.ikey(), options.iseq()), options.packet());

            assertThat(SlotMemory.outcome(slot)).as("%s", options).isEqualTo(options.expected());
            if (slot.verdict == Verdict.FORWARD) {
                assertThat(slot.sequenceChecked).as("%s", options).isEqualTo(options.iseq());
                assertThat(SlotMemory.packet(slot)).isEqualTo(Packets.ipv4().build());
            }
            if (slot.verdict == Verdict.FORWARD && options.iseq()) {
                assertThat(slot.sequence).isEqualTo(SEQUENCE);
            }
        }
    }

    /** All first words with four protocol types, for a tunnel without options and for one with all of them. */
    @Test
    void refusesExactlyTheFirstWordsThatTheSpecificationNames() {
        TunnelTable plain = table(false, null, false);
        TunnelTable full = table(true, KEY, true);
        for (int protocol : new int[] {0x0800, 0x86dd, 0x6558, 0x0000}) {
            for (int word = 0; word < 0x10000; word++) {
                byte[] packet = packet(word, protocol);
                check(plain, packet, word, expected(word, protocol, false));
                check(full, packet, word, expected(word, protocol, true));
            }
        }
    }

    private void check(TunnelTable table, byte[] packet, int word, String expected) {
        String actual = SlotMemory.outcome(decapsulate(table, packet));
        if (!actual.equals(expected)) {
            assertThat(actual).as("first word %04x", word).isEqualTo(expected);
        }
    }

    /** A packet with an IPv4 packet inside, the words that C, K and S announce, and a right checksum. */
    private static byte[] packet(int word, int protocol) {
        boolean checksum = (word & 0x8000) != 0;
        byte[] gre = Packets.gre()
                .checksum(checksum)
                .key((word & 0x2000) != 0 ? KEY : null)
                .sequence((word & 0x1000) != 0 ? 1 : null)
                .protocol(protocol)
                .build();
        int other = word & ~0xb000;
        gre[0] |= (byte) (other >> 8);
        gre[1] |= (byte) other;
        if (checksum) {
            // One word of the sum grew by what was set.
            int sum = (~(gre[4] << 8 | gre[5] & 0xff) & 0xffff) + other;
            sum = (sum & 0xffff) + (sum >>> 16);
            gre[4] = (byte) (~sum >> 8);
            gre[5] = (byte) ~sum;
        }
        return Packets.outer(Mode.GRE.protocol(), gre).build();
    }

    /** RFC 2784 2.2 and 2.3, RFC 2890 2, bits numbered as in their diagrams; bits 9 to 12 are Linux's own refusal. */
    private static String expected(int word, int protocol, boolean options) {
        String bits = Integer.toBinaryString(0x10000 | word).substring(1);
        if (!bits.endsWith("000")) {
            return "gre_version";
        }
        for (int refused : new int[] {1, 4, 5, 9, 10, 11, 12}) {
            if (bits.charAt(refused) == '1') {
                return "gre_reserved";
            }
        }
        if ((bits.charAt(2) == '1') != options) {
            return "key_mismatch";
        }
        if ((bits.charAt(0) == '1') != options) {
            return options ? "csum_missing" : "csum_unexpected";
        }
        if (options && bits.charAt(3) == '0') {
            return "seq_missing";
        }
        return switch (protocol) {
            case 0x0800 -> "FORWARD";
            case 0x86dd -> "inner_family";
            default -> "gre_protocol";
        };
    }
}
