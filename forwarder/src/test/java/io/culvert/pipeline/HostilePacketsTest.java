package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.SeededCases;
import io.culvert.tunnel.Counters;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Packets;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.SlotMemory;
import io.culvert.tunnel.TestTunnels;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelTable;
import io.culvert.tunnel.UdpEncap;
import io.culvert.tunnel.Verdict;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Flyweight;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every mode against every fault: each packet goes through the decapsulation path's stages, and either it reaches the inside
 * or exactly one counter names why not, and nothing does.
 */
final class HostilePacketsTest {

    private static final int VIRTIO = 10;
    private static final int STRANGER = 0xc6336463;

    @TempDir
    private static Path directory;

    private static List<HostileMode> modes = List.of();

    private final SlotMemory memory = new SlotMemory();
    private final ScriptedDevice device = new ScriptedDevice();
    private final DecapStage stage = new DecapStage();
    private final PathCounters path = new PathCounters();
    private final TunEgress egress = new TunEgress(path, new PathErrors());

    @BeforeAll
    static void makeKeys() {
        modes = Stream.of(Mode.values())
                .flatMap(mode -> HostileMode.of(mode, directory).stream())
                .toList();
    }

    static Stream<HostileMode> modes() {
        return modes.stream();
    }

    static Stream<HostileMode> modesOverIpv4() {
        return modes().filter(mode -> !mode.mode.isOuterIpv6());
    }

    static Stream<HostileMode> modesOverIpv6() {
        return modes().filter(mode -> mode.mode.isOuterIpv6());
    }

    static Stream<HostileMode> modesInUdp() {
        return modes().filter(mode -> mode.encap() != null);
    }

    @AfterEach
    void close() {
        egress.close();
    }

    private Tunnel tunnel(HostileMode mode) {
        return TestTunnels.tunnel(mode.spec(), device);
    }

    private String outcome(HostileMode mode, byte[] packet) {
        return outcome(tunnel(mode), packet);
    }

    private String outcome(Tunnel tunnel, byte[] packet) {
        return outcome(tunnel, memory.slot(packet, new TunnelTable(List.of(tunnel))));
    }

    /** What became of it: the reason that was counted, or else the verdict; only what is forwarded reaches the device. */
    private String outcome(Tunnel tunnel, Slot slot) {
        long[] before = drops(tunnel);
        int written = device.written().size();
        stage.process(slot);
        egress.send(slot);
        egress.flush();
        long[] after = drops(tunnel);
        String outcome = "";
        for (DropReason reason : DropReason.values()) {
            if (after[reason.ordinal()] != before[reason.ordinal()]) {
                assertThat(outcome).as("reasons for one packet").isEmpty();
                outcome = reason.word();
            }
        }
        boolean isForwarded = outcome.isEmpty() && slot.verdict == Verdict.FORWARD;
        assertThat(device.written()).hasSize(written + (isForwarded ? 1 : 0));
        if (outcome.isEmpty()) {
            assertThat(slot.verdict).isNotEqualTo(Verdict.DROP);
            return slot.verdict.name();
        }
        return outcome;
    }

    private long[] drops(Tunnel tunnel) {
        Counters withTunnel = tunnel.decapCounters();
        return Arrays.stream(DropReason.values())
                .mapToLong(reason ->
                        withTunnel.drops(reason) + path.withoutTunnel().drops(reason))
                .toArray();
    }

    /** Without this the others prove nothing. */
    @ParameterizedTest
    @MethodSource("modes")
    void takesTheSoundPacket(HostileMode mode) {
        assertThat(outcome(mode, mode.outer(mode.payload()))).isEqualTo("FORWARD");
        assertThat(device.written().getLast().substring(2 * VIRTIO)).isEqualTo(Hex.text(mode.restored));
    }

    @Test
    void hasEveryModeAndEveryEncap() {
        assertThat(modes()).extracting(mode -> mode.mode).contains(Mode.values());
        assertThat(modesInUdp()).extracting(HostileMode::encap).contains(UdpEncap.Kind.values());
    }

    /** The outer header says more than there is. */
    @ParameterizedTest
    @MethodSource("modes")
    void refusesEveryTruncation(HostileMode mode) {
        byte[] whole = mode.outer(mode.payload());
        for (int length = 0; length < whole.length; length++) {
            assertThat(outcome(mode, Packets.cut(whole, length)))
                    .as("%d bytes", length)
                    .isEqualTo("outer_malformed");
        }
    }

    /** The outer header, and UDP's, say how much is left of what is behind them. */
    @ParameterizedTest
    @MethodSource("modes")
    void namesWhatIsCutBehindTheOuterHeader(HostileMode mode) {
        byte[] payload = mode.payload();
        Tunnel tunnel = tunnel(mode);
        for (int length = 0; length < payload.length; length++) {
            String outcome =
                    outcome(mode.mode.isProtected() ? tunnel : tunnel(mode), mode.outer(Packets.cut(payload, length)));
            assertThat(outcome).as("%d bytes", length).matches(mode.cut.apply(length));
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void namesWhatIsWrongInItsOwnHeader(HostileMode mode) {
        Tunnel tunnel = tunnel(mode);
        mode.faults.forEach((what, payload) -> {
            String reason = what.substring(what.lastIndexOf(' ') + 1);
            assertThat(outcome(tunnel, mode.outer(payload))).as(what).isEqualTo(reason);
        });
    }

    @ParameterizedTest
    @MethodSource("modes")
    void namesWhatIsWrongWithWhatItCarries(HostileMode mode) {
        switch (mode.inner) {
            case IPV4, IPV6 -> {
                Tunnel tunnel = tunnel(mode);
                for (var unsound : mode.unsoundPackets()) {
                    assertThat(outcome(tunnel, mode.outer(mode.shim.apply(unsound.getValue()))))
                            .as(() -> Hex.text(unsound.getValue()))
                            .isEqualTo(unsound.getKey());
                }
            }
            case FRAME -> {
                for (int length = 0; length < 14; length++) {
                    byte[] frame = Packets.cut(mode.carried(), length);
                    assertThat(outcome(mode, mode.outer(mode.shim.apply(frame))))
                            .isEqualTo("frame_malformed");
                }
            }
            case PPP -> {
                for (int length : new int[] {0, 1, 16_389, 60_000}) {
                    assertThat(outcome(mode, mode.outer(mode.shim.apply(new byte[length]))))
                            .isEqualTo(length < 2 ? "frame_malformed" : "frame_too_long");
                }
            }
            case REBUILT -> assertThat(mode.faults).isNotEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void takesNoNumberTwice(HostileMode mode) {
        Tunnel tunnel = tunnel(mode);
        byte[] packet = mode.outer(mode.payload());
        byte[] next = mode.outer(mode.payload());

        assertThat(outcome(tunnel, packet)).isEqualTo("FORWARD");
        assertThat(outcome(tunnel, packet)).isEqualTo(mode.replayed.isEmpty() ? "FORWARD" : mode.replayed);
        if (mode.mode.isProtected()) {
            assertThat(outcome(tunnel, next)).isEqualTo("FORWARD");
            assertThat(outcome(tunnel, packet)).isEqualTo(mode.replayed);
        }
    }

    /** RFC 6040 section 4.2: congestion was experienced by a packet that is not ECN-capable. */
    @ParameterizedTest
    @MethodSource("modes")
    void refusesCongestionThatNobodyCanBeToldOf(HostileMode mode) {
        byte[] packet = mode.outer(mode.payload());
        byte[] marked = mode.mode.isOuterIpv6() ? Packets.with(packet, 1, packet[1] | 0x30) : packet.clone();
        if (!mode.mode.isOuterIpv6()) {
            new Ipv4Flyweight().wrap(new UnsafeBuffer(marked), 0).putTosUpdatingChecksum(3);
        }
        boolean hasEcn = mode.inner != HostileMode.Inner.PPP && mode.inner != HostileMode.Inner.REBUILT;

        assertThat(outcome(mode, marked)).isEqualTo(hasEcn ? "ecn" : "FORWARD");
    }

    /** What a packet socket gets the kernel has not judged. */
    @ParameterizedTest
    @MethodSource("modesOverIpv4")
    void refusesWhoeverIsNotThePeer(HostileMode mode) {
        Packets.Ipv4 packet = Packets.outer(mode.outerProtocol(), mode.inUdp(mode.payload()));
        assertThat(outcome(mode, packet.source(STRANGER).build())).isEqualTo(mode.stranger);
        for (int source : new int[] {0, 0x7f000001, 0xe0000001, 0xf0000001, 0xffffffff, Packets.LOCAL}) {
            assertThat(outcome(mode, packet.source(source).build()))
                    .as("%08x", source)
                    .isEqualTo(mode.martian);
        }
        packet.source(Packets.REMOTE);
        assertThat(outcome(mode, packet.destination(STRANGER).build())).isEqualTo(mode.elsewhere);
    }

    @ParameterizedTest
    @MethodSource("modesOverIpv6")
    void refusesWhoeverIsNotThePeerOverIpv6(HostileMode mode) {
        Packets.Ipv6 packet = HostileMode.ipv6(mode.outerProtocol(), mode.inUdp(mode.payload()));
        long network = 0x2001_0db8_ffff_0000L;
        long[][] sources = {{network, 3}, {network, 1}, {0, 0}, {0, 1}, {0xff02_0000_0000_0000L, 1}};
        for (long[] source : sources) {
            assertThat(outcome(mode, packet.source(source[0], source[1]).build()))
                    .as("%x:%x", source[0], source[1])
                    .isEqualTo("no_tunnel");
        }
        packet.source(network, 2);
        assertThat(outcome(mode, packet.destination(network, 9).build())).isEqualTo("IGNORE");
    }

    @ParameterizedTest
    @MethodSource("modesOverIpv4")
    void namesWhatIsWrongInTheOuterHeader(HostileMode mode) {
        byte[] sound = mode.outer(mode.payload());
        for (int first : new int[] {0x05, 0x35, 0x55, 0x65, 0xf5, 0x40, 0x41, 0x42, 0x43, 0x44}) {
            assertThat(outcome(mode, Packets.with(sound, 0, first))).isEqualTo("outer_malformed");
        }
        for (int length : new int[] {0, 19, sound.length + 1, 0xffff}) {
            byte[] packet = Packets.with(Packets.with(sound, 2, length >> 8), 3, length);
            assertThat(outcome(mode, packet)).as("total length %d", length).isEqualTo("outer_malformed");
        }
        for (int fragment : new int[] {0x2000, 1, 0x1fff, 0x2001, 0x6000}) {
            byte[] packet = Packets.outer(mode.outerProtocol(), mode.inUdp(mode.payload()))
                    .fragment(fragment)
                    .build();
            assertThat(outcome(mode, packet)).as("fragment %x", fragment).isEqualTo("outer_fragment");
        }
        for (int bit = 0; bit < 160; bit++) {
            byte flipped = (byte) (sound[bit / 8] ^ 1 << bit % 8);
            assertThat(outcome(mode, Packets.with(sound, bit / 8, flipped)))
                    .as("bit %d", bit)
                    .matches("outer_malformed|outer_checksum|outer_fragment");
        }
        byte[] options = Packets.outer(mode.outerProtocol(), mode.inUdp(mode.payload()))
                .options(Hex.bytes("01".repeat(40)))
                .build();
        assertThat(outcome(mode, options)).isEqualTo("FORWARD");
    }

    @ParameterizedTest
    @MethodSource("modesOverIpv6")
    void namesWhatIsWrongInTheOuterIpv6Header(HostileMode mode) {
        byte[] sound = mode.outer(mode.payload());
        for (int first : new int[] {0x00, 0x40, 0x45, 0x50, 0x70, 0xf0}) {
            assertThat(outcome(mode, Packets.with(sound, 0, first))).isEqualTo("outer_malformed");
        }
        for (int length : new int[] {sound.length - 39, 0xffff}) {
            byte[] packet = Packets.with(Packets.with(sound, 4, length >> 8), 5, length);
            assertThat(outcome(mode, packet)).as("payload length %d", length).isEqualTo("outer_malformed");
        }
        // A jumbogram.
        byte[] jumbo = Packets.with(Packets.with(Packets.with(sound, 4, 0), 5, 0), 6, 0);
        assertThat(outcome(mode, jumbo)).isEqualTo("outer_malformed");
    }

    /** Each row: type and bytes of the headers in front, of which NN is what the mode has behind them. */
    @ParameterizedTest
    @MethodSource("modesOverIpv6")
    void walksOuterExtensionHeadersOnlyWhereItMay(HostileMode mode) {
        String limit = "00040104010100";
        String[][] rows = {
            {"60", "NN" + limit, "FORWARD"},
            {"0", "NN" + limit, "FORWARD"},
            {"0", "3c" + limit + "NN" + limit, "FORWARD"},
            {"60", "NN00040504010100", "outer_options"},
            {"60", "NNff040104010100", "outer_options"},
            {"60", "NN007e0104010100", "outer_options"},
            {"60", "NN00c20400010000", "outer_options"},
            {"60", ("3c" + limit).repeat(4) + "NN" + limit, "outer_options"},
            {"60", "00" + limit + "NN" + limit, "outer_options"},
            {"0", "00" + limit + "NN" + limit, "outer_options"},
            // Routing of type 0 and others, fragments, authentication, nothing: the kernel's.
            {"43", "NN00000000000000", "IGNORE"},
            {"43", "NN02000100000000", "IGNORE"},
            {"44", "NN00000100000001", "IGNORE"},
            {"51", "NN04000000000000", "IGNORE"},
            {"60", "2b" + limit + "NN00000000000000", "IGNORE"},
            {"60", "3b" + limit, "IGNORE"},
            {"59", "", "IGNORE"},
        };
        for (String[] row : rows) {
            String headers = row[1].replace("NN", String.format("%02x", mode.outerProtocol()));
            byte[] behind = Packets.followedBy(Hex.bytes(headers), mode.inUdp(mode.payload()));
            byte[] packet = HostileMode.ipv6(Integer.parseInt(row[0]), behind).build();
            assertThat(outcome(mode, packet)).as("%s %s", row[0], headers).isEqualTo(row[2]);
        }
        byte[] cut = HostileMode.ipv6(60, new byte[7]).build();
        assertThat(outcome(mode, cut)).isEqualTo("outer_options");
    }

    @ParameterizedTest
    @MethodSource("modesInUdp")
    void namesWhatIsWrongInUdp(HostileMode mode) {
        byte[] sound = mode.inUdp(mode.payload());
        for (int length = 0; length < mode.encapLength(); length++) {
            byte[] cut = length < 8
                    ? Packets.cut(sound, length)
                    : HostileMode.udp(length, Arrays.copyOfRange(sound, 8, length));
            String own = mode.encap() == UdpEncap.Kind.GUE ? "gue_malformed" : "l2tp_malformed";
            assertThat(inUdp(mode, cut)).as("%d bytes", length).isEqualTo(length < 8 ? "udp_malformed" : own);
        }
        for (int length : new int[] {0, 7, sound.length + 1, 0xffff}) {
            byte[] packet = Packets.with(Packets.with(sound, 4, length >> 8), 5, length);
            assertThat(inUdp(mode, packet)).as("UDP length %d", length).isEqualTo("udp_malformed");
        }
        assertThat(inUdp(mode, Packets.with(sound, 7, 1))).isEqualTo("udp_checksum");
        assertThat(inUdp(mode, Packets.with(sound, 3, 1))).as("another port").isEqualTo("IGNORE");
        boolean isL2tp = mode.encap() == UdpEncap.Kind.L2TP;
        assertThat(outcome(mode, mode.outer(mode.protocol, mode.payload())))
                .as("without UDP")
                .isEqualTo(isL2tp ? "l2tp_session" : "encap_mismatch");
        if (mode.encap() == UdpEncap.Kind.GUE) {
            // Version, control message, optional fields, every flag: remote checksum offload is one.
            for (int first : new int[] {0x40, 0x80, 0xc0, 0x20, 0x01, 0x1f}) {
                assertThat(inUdp(mode, Packets.with(sound, 8, first))).isEqualTo("gue_malformed");
            }
            for (int bit = 0; bit < 16; bit++) {
                assertThat(inUdp(mode, Packets.with(sound, 10 + bit / 8, 1 << bit % 8)))
                        .isEqualTo("gue_malformed");
            }
            for (int protocol : new int[] {0, IpProtocol.UDP, 44, 59, 60, 99, 255}) {
                assertThat(inUdp(mode, Packets.with(sound, 9, protocol))).isEqualTo("gue_protocol");
            }
        }
        if (isL2tp) {
            assertThat(inUdp(mode, Packets.with(sound, 9, 2))).isEqualTo("l2tp_version");
            assertThat(inUdp(mode, Packets.with(sound, 8, 0x80))).isEqualTo("l2tp_control");
        }
    }

    private String inUdp(HostileMode mode, byte[] udp) {
        return outcome(mode, mode.outer(IpProtocol.UDP, udp));
    }

    /** Nothing is read beyond a packet, and what goes inside lies within it, whatever is in it. */
    @ParameterizedTest
    @MethodSource("modes")
    void survivesWhateverIsInAPacket(HostileMode mode) {
        Tunnel tunnel = tunnel(mode);
        byte[] sound = mode.outer(mode.payload());
        SeededCases.check(500, random -> {
            byte[] packet = sound.clone();
            int changes = random.nextInt(1, 5);
            for (int i = 0; i < changes; i++) {
                packet[random.nextInt(mode.outerLength(), packet.length)] = (byte) random.nextInt();
            }
            String outcome = outcome(tunnel, packet);
            assertThat(outcome).as(() -> Hex.text(packet)).isNotEqualTo("internal");
            if (outcome.equals("FORWARD")) {
                assertThat(device.written().getLast().length() / 2 - VIRTIO).isLessThan(packet.length);
            }
        });
    }

    /** Who has a packet socket on a link of this host writes virtio-net headers as he likes. */
    @ParameterizedTest
    @MethodSource("modes")
    void survivesWhateverAVirtioHeaderSays(HostileMode mode) {
        byte[] sound = mode.outer(mode.payload());
        // A number is taken once, but of ESP nothing goes through.
        Tunnel shared = mode.replayed.isEmpty() || mode.mode.isProtected() ? tunnel(mode) : null;
        for (int gsoType : new int[] {0, 1, 5}) {
            for (int start = -1; start < sound.length; start++) {
                for (int field : new int[] {6, 16}) {
                    Tunnel tunnel = shared == null ? tunnel(mode) : shared;
                    Slot slot = memory.slot(sound, new TunnelTable(List.of(tunnel)));
                    slot.gsoType = gsoType;
                    slot.gsoSize = 1;
                    slot.checksumPartial = start >= 0;
                    slot.checksumStart = slot.offset + (start >= 0 ? start : -14);
                    slot.checksumOffset = field;
                    check(mode, slot, start + field + 2 <= sound.length);
                }
            }
        }
    }

    /** The kernel never says of a checksum that it is beyond the packet. */
    private void check(HostileMode mode, Slot slot, boolean isPossible) {
        String outcome = isPossible ? outcome(slot.table.tunnels().getFirst(), slot) : "";
        assertThat(outcome).isNotEqualTo("internal");
        if (outcome.equals("FORWARD")) {
            byte[] written = Hex.bytes(device.written().getLast());
            int end = written[0] == 0 ? 0 : (written[6] & 0xff | (written[7] & 0xff) << 8) + (written[8] & 0xff) + 2;
            int headersLength = written[2] & 0xff | (written[3] & 0xff) << 8;
            assertThat(end).as("end of the checksum").isLessThanOrEqualTo(written.length - VIRTIO);
            assertThat(headersLength).as("hdr_len of %s", mode).isLessThanOrEqualTo(written.length - VIRTIO);
        }
    }
}
