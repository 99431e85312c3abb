package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.esp.EspException;
import io.culvert.esp.EspTransform;
import io.culvert.esp.KeyFiles;
import io.culvert.esp.SaLifetime;
import io.culvert.esp.SaSpec;
import io.culvert.esp.SaSpec.Direction;
import io.culvert.esp.SecurityAssociation;
import io.culvert.testing.Hex;
import io.culvert.testing.Judges;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Mode vti from inner packet to outer packet and back; scapy's IPsec layer judges. */
final class EspTunnelTest {

    private static final int SPI = 0x1001;
    private static final int OUTER = 20;
    private static final byte[] LINK = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0};
    private static final byte[] INNER = Packets.ipv4().tos(2).build();

    @TempDir
    private Path directory;

    private Tunnel tunnel(SaSpec... associations) {
        return routed(TestTunnels.tunnel(TestTunnels.spec(Mode.VTI).ttl(64).sa(List.of(associations))));
    }

    /** The other end: its local is our remote. */
    private Tunnel peer(SaSpec... associations) {
        return TestTunnels.tunnel(TestTunnels.spec(Mode.VTI)
                .local(TestTunnels.address(Packets.REMOTE))
                .remote(TestTunnels.address(Packets.LOCAL))
                .sa(List.of(associations)));
    }

    private static Tunnel routed(Tunnel tunnel) {
        tunnel.route(TestTunnels.resolved(1500, Packets.LOCAL, LINK));
        return TestTunnels.withSequences(tunnel);
    }

    private SaSpec association(Direction direction, EspTransform transform, boolean extended) {
        return KeyFiles.spec(directory, direction, SPI, transform, extended, SaLifetime.UNLIMITED);
    }

    private static Slot slot(byte[] packet) {
        UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(Slot.STRIDE));
        memory.putBytes(Slot.HEADROOM, packet);
        Slot slot = new Slot(memory, memory.addressOffset());
        slot.received(TunnelTable.EMPTY, packet.length);
        return slot;
    }

    private static Slot encapsulate(Tunnel tunnel, byte[] inner) {
        Slot slot = slot(inner);
        slot.tunnel = tunnel;
        slot.espSequence = tunnel.associations().takeSequence(1, inner.length);
        int version = inner[0] >> 4;
        tunnel.outerHeader().prepend(slot, version, version == 4 ? inner[1] : 0, 63, false);
        return slot;
    }

    private static Slot decapsulate(Tunnel tunnel, byte[] outer) {
        Slot slot = slot(outer);
        slot.table = new TunnelTable(List.of(tunnel));
        Decapsulation.decapsulate(slot);
        slot.judgeReplay();
        return slot;
    }

    private static Stream<Arguments> transforms() {
        return Stream.of(EspTransform.values())
                .flatMap(transform -> Stream.of(Arguments.of(transform, false), Arguments.of(transform, true)));
    }

    @ParameterizedTest
    @MethodSource("transforms")
    void carriesPacketsOfBothVersions(EspTransform transform, boolean extended) {
        Tunnel out = tunnel(association(Direction.OUT, transform, extended));
        Tunnel in = peer(association(Direction.IN, transform, extended));
        for (byte[] inner : List.of(INNER, Packets.ipv6().build())) {
            Slot sent = encapsulate(out, inner);
            assertThat(SlotMemory.outcome(sent)).isEqualTo("FORWARD");
            byte[] outer = SlotMemory.packet(sent);
            Slot received = decapsulate(in, outer);
            assertThat(SlotMemory.outcome(received)).isEqualTo("FORWARD");
            assertThat(SlotMemory.packet(received)).isEqualTo(inner);
            assertThat(SlotMemory.outcome(decapsulate(in, outer))).isEqualTo("esp_replay");
        }
        SecurityAssociation association = in.associations().all().getFirst();
        assertThat(association.packets()).isEqualTo(2);
        assertThat(association.replayedPackets()).isEqualTo(2);
    }

    private static List<String> judge(String command, EspTransform transform, String sequence, byte[] packet) {
        Judges.requireScapy();
        String crypt = switch (transform) {
            case AES_GCM -> "AES-GCM";
            case CHACHA20_POLY1305 -> "CHACHA20-POLY1305";
            case AES_CBC_HMAC_SHA256 -> "AES-CBC";
            case NULL_HMAC_SHA256 -> "NULL";
        };
        return Judges.python(
                EspTunnelTest.class,
                "/esp/judge.py",
                command,
                crypt,
                transform.encrypts() ? KeyFiles.key(transform.keyFileLengths().getLast()) : "-",
                transform.isAead() ? "-" : "SHA2-256-128",
                transform.isAead() ? "-" : KeyFiles.key(32),
                sequence,
                Hex.text(packet));
    }

    @ParameterizedTest
    @EnumSource(EspTransform.class)
    void scapyOpensWhatWeSeal(EspTransform transform) {
        Slot sent = encapsulate(tunnel(association(Direction.OUT, transform, false)), INNER);
        String opened = judge("open", transform, "-", SlotMemory.packet(sent)).getFirst();
        assertThat(opened).isEqualTo(Hex.text(INNER));
    }

    @ParameterizedTest
    @EnumSource(EspTransform.class)
    void opensWhatScapySeals(EspTransform transform) {
        Tunnel in = tunnel(association(Direction.IN, transform, false));
        byte[] outer = Hex.bytes(judge("seal", transform, "-", INNER).getFirst());
        Slot received = decapsulate(in, outer);
        assertThat(SlotMemory.outcome(received)).isEqualTo("FORWARD");
        assertThat(Hex.text(SlotMemory.packet(received))).isEqualTo(Hex.text(INNER));
    }

    @ParameterizedTest
    @MethodSource("transforms")
    void refusesEveryTruncationAndFlippedByte(EspTransform transform, boolean extended) {
        Tunnel in = peer(association(Direction.IN, transform, extended));
        byte[] outer = SlotMemory.packet(encapsulate(tunnel(association(Direction.OUT, transform, extended)), INNER));
        for (int length = OUTER; length < outer.length; length++) {
            assertThat(SlotMemory.outcome(decapsulate(in, Packets.cut(outer, length))))
                    .isIn("esp_malformed", "esp_auth");
        }
        for (int index = OUTER; index < outer.length; index++) {
            String outcome = SlotMemory.outcome(decapsulate(in, Packets.with(outer, index, outer[index] ^ 0x40)));
            assertThat(outcome).isIn(index < OUTER + 4 ? "esp_no_sa" : "esp_auth", "esp_malformed", "esp_replay");
        }
        assertThat(SlotMemory.outcome(decapsulate(in, outer))).isEqualTo("FORWARD");
    }

    @Test
    void refusesReservedSpis() {
        byte[] packet = Packets.outer(50, new byte[64]).build();
        assertThat(SlotMemory.outcome(decapsulate(tunnel(), packet))).isEqualTo("esp_malformed");
    }

    @Test
    void refusesAnUnfinishedChecksum() {
        Slot slot = slot(Packets.outer(50, new byte[64]).build());
        slot.table = new TunnelTable(List.of(tunnel()));
        slot.checksumPartial = true;
        Decapsulation.decapsulate(slot);
        assertThat(SlotMemory.outcome(slot)).isEqualTo("esp_malformed");
    }

    private byte[] sealed(int innerLength, int nextHeader) {
        SaSpec spec = association(Direction.OUT, EspTransform.NULL_HMAC_SHA256, false);
        try (SecurityAssociation association = SecurityAssociation.open(spec)) {
            UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(256));
            memory.putBytes(8, INNER, 0, innerLength);
            int total = 8 + innerLength + EspTransform.NULL_HMAC_SHA256.trailerLength(innerLength);
            association.seal(memory, 0, innerLength, nextHeader, 1, 0);
            byte[] esp = new byte[total];
            memory.getBytes(0, esp);
            return Packets.outer(50, esp).build();
        }
    }

    @Test
    void dropsWhatIsAuthenticButNotAnIpPacket() {
        SaSpec spec = association(Direction.IN, EspTransform.NULL_HMAC_SHA256, false);
        assertThat(SlotMemory.outcome(decapsulate(tunnel(spec), sealed(20, 59))))
                .isEqualTo("esp_dummy");
        assertThat(SlotMemory.outcome(decapsulate(tunnel(spec), sealed(20, 17))))
                .isEqualTo("esp_protocol");
        assertThat(SlotMemory.outcome(decapsulate(tunnel(spec), sealed(20, 41))))
                .isEqualTo("inner_family");
        assertThat(SlotMemory.outcome(decapsulate(tunnel(spec), sealed(19, 4)))).isEqualTo("inner_malformed");
    }

    /** RFC 4303 section 2.4: padding is 1, 2, 3 and so on. Only who has the key can send other padding. */
    @Test
    void dropsWhatIsAuthenticButPaddedInAnotherWay() throws GeneralSecurityException {
        SaSpec spec = association(Direction.IN, EspTransform.NULL_HMAC_SHA256, false);
        byte[] outer = sealed(20, 4);
        int icv = outer.length - EspTransform.ICV_LENGTH;
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(Hex.bytes(KeyFiles.key(32)), "HmacSHA256"));
        assertThat(outer[icv - 2]).as("pad length").isEqualTo((byte) 2);
        for (int last : new int[] {3, 2}) {
            outer[icv - 3] = (byte) last;
            mac.update(outer, OUTER, icv - OUTER);
            System.arraycopy(mac.doFinal(), 0, outer, icv, EspTransform.ICV_LENGTH);

            assertThat(SlotMemory.outcome(decapsulate(tunnel(spec), outer)))
                    .isEqualTo(last == 2 ? "FORWARD" : "esp_padding");
        }
    }

    @Test
    void dropsWhatNoAssociationProtects() {
        assertThat(SlotMemory.outcome(encapsulate(tunnel(), INNER))).isEqualTo("esp_no_sa");
        SaSpec limited = KeyFiles.spec(
                directory, Direction.OUT, SPI, EspTransform.AES_GCM, false, new SaLifetime(0, 0, 0, 0, 0, 1));
        Tunnel out = tunnel(limited);
        assertThat(SlotMemory.outcome(encapsulate(out, INNER))).isEqualTo("FORWARD");
        assertThat(SlotMemory.outcome(encapsulate(out, INNER))).isEqualTo("sa_expired");
    }

    @Test
    void dropsWhatNoNumberIsReservedFor() {
        Tunnel out = tunnel(association(Direction.OUT, EspTransform.AES_GCM, true));
        out.associations().all().getFirst().reserve(1);
        assertThat(SlotMemory.outcome(encapsulate(out, INNER))).isEqualTo("FORWARD");
        assertThat(SlotMemory.outcome(encapsulate(out, INNER))).isEqualTo("esp_sequence");
        assertThat(out.associations().all().getFirst().packets()).isEqualTo(1);
        out.associations().all().getFirst().reserve(2);
        assertThat(SlotMemory.outcome(encapsulate(out, INNER))).isEqualTo("FORWARD");
    }

    @Test
    void receivesNoMoreAfterAHardLimit() {
        Tunnel out = tunnel(association(Direction.OUT, EspTransform.AES_GCM, false));
        Tunnel in = peer(KeyFiles.spec(
                directory, Direction.IN, SPI, EspTransform.AES_GCM, false, new SaLifetime(0, 0, 0, 0, 0, 1)));
        assertThat(SlotMemory.outcome(decapsulate(in, SlotMemory.packet(encapsulate(out, INNER)))))
                .isEqualTo("FORWARD");
        assertThat(SlotMemory.outcome(decapsulate(in, SlotMemory.packet(encapsulate(out, INNER)))))
                .isEqualTo("sa_expired");
    }

    @Test
    void replacesAssociationsWithoutAGap() {
        SaSpec oldOut = association(Direction.OUT, EspTransform.AES_GCM, true);
        SaSpec oldIn = association(Direction.IN, EspTransform.AES_GCM, true);
        SaSpec newOut = KeyFiles.spec(
                directory, Direction.OUT, SPI + 1, EspTransform.CHACHA20_POLY1305, true, SaLifetime.UNLIMITED);
        SaSpec newIn = KeyFiles.spec(
                directory, Direction.IN, SPI + 1, EspTransform.CHACHA20_POLY1305, true, SaLifetime.UNLIMITED);
        Tunnel out = tunnel(oldOut);
        Tunnel in = peer(oldIn);
        byte[] first = SlotMemory.packet(encapsulate(out, INNER));
        byte[] late = SlotMemory.packet(encapsulate(out, INNER));
        assertThat(SlotMemory.outcome(decapsulate(in, first))).isEqualTo("FORWARD");

        Tunnel both = in.changed(
                TestTunnels.spec(Mode.VTI)
                        .local(in.spec().local())
                        .remote(in.spec().remote())
                        .sa(List.of(oldIn, newIn))
                        .build(),
                0);
        Tunnel rekeyed = routed(out.changed(
                TestTunnels.spec(Mode.VTI).sa(List.of(oldOut, newOut)).build(), 0));
        byte[] next = SlotMemory.packet(encapsulate(rekeyed, INNER));
        assertThat(SlotMemory.outcome(decapsulate(both, next))).isEqualTo("FORWARD");
        assertThat(SlotMemory.outcome(decapsulate(both, late))).isEqualTo("FORWARD");
        assertThat(SlotMemory.outcome(decapsulate(both, first))).isEqualTo("esp_replay");
        assertThat(rekeyed.associations().outbound().packets()).isEqualTo(1);
    }

    @Test
    void tellsTunnelsBetweenTheSameHostsApartBySpi() {
        Tunnel one = peer(association(Direction.IN, EspTransform.AES_GCM, false));
        Tunnel other = TestTunnels.tunnel(TestTunnels.spec(Mode.VTI)
                .local(one.spec().local())
                .remote(one.spec().remote())
                .key(42)
                .sa(List.of(KeyFiles.spec(
                        directory, Direction.IN, SPI + 1, EspTransform.AES_GCM, false, SaLifetime.UNLIMITED))));
        byte[] outer =
                SlotMemory.packet(encapsulate(tunnel(association(Direction.OUT, EspTransform.AES_GCM, false)), INNER));
        Slot slot = slot(outer);
        slot.table = new TunnelTable(List.of(one, other));
        Decapsulation.decapsulate(slot);
        assertThat(slot.tunnel).isSameAs(one);
    }

    @ParameterizedTest
    @EnumSource(EspTransform.class)
    void fillsThePathWithTheLargestInnerPacket(EspTransform transform) {
        Tunnel out = tunnel(association(Direction.OUT, transform, false));
        int innerMtu = out.outerHeader().innerMtu();
        Slot sent =
                encapsulate(out, Packets.ipv4().payload(new byte[innerMtu - 20]).build());
        assertThat(sent.length).isBetween(1500 - 15, 1500);
        Slot longer =
                encapsulate(out, Packets.ipv4().payload(new byte[innerMtu - 19]).build());
        assertThat(longer.length).isGreaterThan(1500);
    }

    @Test
    void refusesAKeyThatCannotBeRead() {
        SaSpec spec = association(Direction.OUT, EspTransform.AES_GCM, false);
        assertThat(spec.keyFile().toFile().delete()).isTrue();
        assertThatThrownBy(() -> tunnel(spec)).isInstanceOf(EspException.class);
    }
}
