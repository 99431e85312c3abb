package io.culvert.esp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.esp.SaSpec.Direction;
import io.culvert.testing.Allocations;
import io.culvert.testing.Hex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SecurityAssociationTest {

    private static final int AT = 32;
    private static final int IPV4 = 4;
    private static final long SECOND = 1_000_000_000L;

    @TempDir
    private Path directory;

    private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(1 << 17));

    private SecurityAssociation open(Direction direction, EspTransform transform, boolean extended) {
        return KeyFiles.open(KeyFiles.spec(directory, direction, transform, extended));
    }

    private SecurityAssociation open(SaLifetime lifetime) {
        return KeyFiles.open(KeyFiles.spec(directory, Direction.OUT, 0x1001, EspTransform.AES_GCM, false, lifetime));
    }

    private int sealed(SecurityAssociation out, byte[] inner, long sequence) {
        EspTransform transform = out.spec().transform();
        buffer.putBytes(AT + transform.headerLength(), inner);
        assertThat(out.seal(buffer, AT, inner.length, IPV4, sequence, 0)).isTrue();
        return transform.headerLength() + inner.length + transform.trailerLength(inner.length);
    }

    @ParameterizedTest
    @CsvSource({
        "AES_GCM, false", "AES_GCM, true",
        "CHACHA20_POLY1305, false", "CHACHA20_POLY1305, true",
        "AES_CBC_HMAC_SHA256, false", "AES_CBC_HMAC_SHA256, true",
        "NULL_HMAC_SHA256, false", "NULL_HMAC_SHA256, true"
    })
    void opensWhatItSealsAtEveryLength(EspTransform transform, boolean extended) {
        Random random = new Random(1);
        try (SecurityAssociation out = open(Direction.OUT, transform, extended);
                SecurityAssociation in = open(Direction.IN, transform, extended)) {
            for (int length = 0; length < 1500; length++) {
                byte[] inner = new byte[length];
                random.nextBytes(inner);
                long sequence = out.takeSequence(1, length);
                int total = sealed(out, inner, sequence);
                assertThat(in.extend(buffer.getInt(AT + 4, java.nio.ByteOrder.BIG_ENDIAN)))
                        .isEqualTo(sequence);
                assertThat(in.open(buffer, AT, total, sequence, 0)).isEqualTo(EspOutcome.OPENED);
                assertThat(in.nextHeader(buffer, AT, total)).isEqualTo(IPV4);
                assertThat(in.innerLength(buffer, AT, total)).isEqualTo(length);
                byte[] opened = new byte[length];
                buffer.getBytes(AT + transform.headerLength(), opened);
                assertThat(opened).isEqualTo(inner);
                assertThat(in.accept(sequence, length)).isTrue();
            }
            assertThat(in.packets()).isEqualTo(1500);
        }
    }

    @ParameterizedTest
    @EnumSource(EspTransform.class)
    void refusesEveryFlippedBitAndTruncation(EspTransform transform) {
        try (SecurityAssociation out = open(Direction.OUT, transform, true);
                SecurityAssociation in = open(Direction.IN, transform, true)) {
            byte[] inner = new byte[40];
            int total = sealed(out, inner, 1);
            byte[] packet = new byte[total];
            buffer.getBytes(AT, packet);
            for (int bit = 0; bit < total * 8; bit++) {
                buffer.putBytes(AT, packet);
                buffer.putByte(AT + bit / 8, (byte) (packet[bit / 8] ^ 1 << bit % 8));
                // With extended numbers the packet's own lower half is not authenticated as such, but by what it makes.
                long sequence = in.extend(buffer.getInt(AT + 4, java.nio.ByteOrder.BIG_ENDIAN));
                assertThat(in.open(buffer, AT, total, sequence, 0))
                        .as("bit %d", bit)
                        .isIn(EspOutcome.FORGED, EspOutcome.REPLAYED);
            }
            for (int length = 0; length < total; length++) {
                buffer.putBytes(AT, packet);
                assertThat(in.open(buffer, AT, length, 1, 0)).isIn(EspOutcome.FORGED, EspOutcome.MALFORMED);
            }
            buffer.putBytes(AT, packet);
            assertThat(in.open(buffer, AT, total, 1 + (1L << 32), 0)).isEqualTo(EspOutcome.FORGED);
            buffer.putBytes(AT, packet);
            assertThat(in.open(buffer, AT, total, 1, 0)).isEqualTo(EspOutcome.OPENED);
        }
    }

    /** RFC 7634 appendix A. */
    @Test
    void opensTheExampleOfRfc7634() {
        Path key = KeyFiles.write(
                directory, "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3", "rw-------");
        byte[] packet = Hex.bytes("01020304 00000005 1011121314151617"
                + "24039428b97f417e3c13753a4f05087b67c352e6a7fab1b982d466ef407ae5c6"
                + "14ee8099d52844eb61aa95dfab4c02f72aa71e7c4c4f64c9befe2facc638e8f3"
                + "cbec163fac469b502773f6fb94e664da9165b82829f641e0"
                + "76aaa8266b7fb0f7b11b369907e1ad43");
        try (SecurityAssociation in = SecurityAssociation.open(KeyFiles.spec(
                Direction.IN, 0x01020304, EspTransform.CHACHA20_POLY1305, key, null, false, SaLifetime.UNLIMITED))) {
            buffer.putBytes(AT, packet);
            assertThat(in.open(buffer, AT, packet.length, 5, 0)).isEqualTo(EspOutcome.OPENED);
            assertThat(in.innerLength(buffer, AT, packet.length)).isEqualTo(84);
            byte[] inner = new byte[8];
            buffer.getBytes(AT + 16, inner);
            assertThat(Hex.text(inner)).isEqualTo("45000054a6f20000");
        }
    }

    /** draft-mcgrew-gcm-test-01 section 4, the case with an extended sequence number. */
    @Test
    void opensAnExampleOfTheGcmTestCases() {
        Path key = KeyFiles.write(directory, "0x4c80cdefbb5d10da906ac73c3613a634 2e443b68\n", "r--------");
        byte[] packet = Hex.bytes("00004321 00000000 4956ed7e3b244cfe"
                + "fecf537e729d5b07dc30df528dd22b768d1b98736696a6fd348509fa13ceac34"
                + "cfa2436f14a3f3cf65925bf1f4a13c5d15b21e1884f5ff6247aeabb786b93bce"
                + "61bc17d768fd9732459018148f6cbe722fd04796562dfdb4");
        try (KeyMaterial material = KeyMaterial.read(key, EspTransform.AES_GCM.keyFileLengths());
                PacketCipher cipher = new AeadCipher(EspTransform.AES_GCM, material, false, true)) {
            buffer.putBytes(AT, packet);
            assertThat(cipher.open(buffer, AT, packet.length - 32, 0x87654321_00000000L))
                    .isTrue();
            assertThat(buffer.getByte(AT + 16)).isEqualTo((byte) 0x45);
        }
    }

    @ParameterizedTest
    @EnumSource(EspTransform.class)
    void allocatesNothing(EspTransform transform) {
        try (SecurityAssociation out = open(Direction.OUT, transform, true);
                SecurityAssociation in = open(Direction.IN, transform, true)) {
            int total = transform.headerLength() + 1400 + transform.trailerLength(1400);
            Runnable packets = () -> {
                for (int i = 0; i < 20_000; i++) {
                    long sequence = out.takeSequence(1, 1400);
                    out.seal(buffer, AT, 1400, IPV4, sequence, 1);
                    in.open(buffer, AT, total, in.extend((int) sequence), 2);
                    in.accept(sequence, 1400);
                }
            };
            packets.run();
            assertThat(Allocations.inBytes(packets)).isLessThan(20_000);
            assertThat(in.packets()).isEqualTo(out.packets()).isGreaterThanOrEqualTo(100_000);
        }
    }

    /** Where its number was kept, so was the mask; where both were lost, another one was drawn. */
    @Test
    void resumesWithoutRepeatingAnInitializationVector() {
        try (SecurityAssociation first = open(Direction.OUT, EspTransform.AES_GCM, true);
                SecurityAssociation restarted = open(Direction.OUT, EspTransform.AES_GCM, true)) {
            first.takeSequence(7, 1);
            restarted.resume(first.lastSequence(), first.ivMask());
            assertThat(restarted.takeSequence(1, 1)).isEqualTo(8);
            sealed(first, new byte[1], 8);
            long vector = buffer.getLong(AT + 8);
            sealed(restarted, new byte[1], 8);
            assertThat(buffer.getLong(AT + 8)).isEqualTo(vector);
        }
    }

    @Test
    void isNamedByKeySpiAndDirection() {
        Path key = KeyFiles.write(directory, KeyFiles.key(20, 1), "rw-------");
        Path other = KeyFiles.write(directory, KeyFiles.key(20, 2), "rw-------");
        assertThat(name(Direction.OUT, 0x1001, key)).isEqualTo(name(Direction.OUT, 0x1001, key));
        assertThat(java.util.List.of(
                        name(Direction.OUT, 0x1001, key),
                        name(Direction.IN, 0x1001, key),
                        name(Direction.OUT, 0x1002, key),
                        name(Direction.OUT, 0x1001, other)))
                .doesNotHaveDuplicates();
    }

    private static String name(Direction direction, int spi, Path key) {
        SaSpec spec = KeyFiles.spec(direction, spi, EspTransform.AES_GCM, key, null, true, SaLifetime.UNLIMITED);
        try (SecurityAssociation association = SecurityAssociation.open(spec)) {
            return association.name();
        }
    }

    @Test
    void neverRepeatsAnInitializationVector() {
        try (SecurityAssociation first = open(Direction.OUT, EspTransform.AES_GCM, true);
                SecurityAssociation restarted = open(Direction.OUT, EspTransform.AES_GCM, true)) {
            java.util.Set<Long> vectors = new java.util.HashSet<>();
            for (int i = 1; i <= 1000; i++) {
                sealed(first, new byte[1], i);
                assertThat(vectors.add(buffer.getLong(AT + 8))).isTrue();
                sealed(restarted, new byte[1], i);
                assertThat(vectors.add(buffer.getLong(AT + 8))).isTrue();
            }
        }
    }

    @Test
    void stopsAtItsHardLimits() {
        try (SecurityAssociation byPackets = open(new SaLifetime(0, 0, 0, 0, 0, 3));
                SecurityAssociation byBytes = open(new SaLifetime(0, 0, 0, 200, 0, 0));
                SecurityAssociation byTime = open(new SaLifetime(0, 10, 0, 0, 0, 0))) {
            assertThat(byPackets.takeSequence(3, 10)).isEqualTo(1);
            assertThat(byPackets.takeSequence(1, 10)).isEqualTo(SecurityAssociation.NONE);
            assertThat(byBytes.takeSequence(1, 199)).isEqualTo(1);
            assertThat(byBytes.takeSequence(1, 1)).isEqualTo(2);
            assertThat(byBytes.takeSequence(1, 1)).isEqualTo(SecurityAssociation.NONE);
            assertThat(byTime.poll(0)).isEqualTo(SecurityAssociation.Event.NONE);
            assertThat(byTime.poll(9 * SECOND)).isEqualTo(SecurityAssociation.Event.NONE);
            assertThat(byTime.takeSequence(1, 1)).isEqualTo(1);
            assertThat(byTime.poll(10 * SECOND)).isEqualTo(SecurityAssociation.Event.HARD_EXPIRED);
            assertThat(byTime.poll(11 * SECOND)).isEqualTo(SecurityAssociation.Event.NONE);
            assertThat(byTime.takeSequence(1, 1)).isEqualTo(SecurityAssociation.NONE);
            assertThat(byTime.open(buffer, AT, 100, 1, 0)).isEqualTo(EspOutcome.EXPIRED);
        }
    }

    @Test
    void saysOnceThatASoftLimitIsReached() {
        try (SecurityAssociation out = open(new SaLifetime(0, 0, 0, 0, 2, 0))) {
            out.takeSequence(1, 1);
            assertThat(out.poll(0)).isEqualTo(SecurityAssociation.Event.NONE);
            out.takeSequence(1, 1);
            assertThat(out.poll(0)).isEqualTo(SecurityAssociation.Event.SOFT_EXPIRED);
            assertThat(out.poll(0)).isEqualTo(SecurityAssociation.Event.NONE);
            assertThat(out.takeSequence(1, 1)).isEqualTo(3);
        }
    }

    @Test
    void endsWithTheLastSequenceNumber() {
        try (SecurityAssociation out = open(Direction.OUT, EspTransform.AES_GCM, false);
                SecurityAssociation extended = open(Direction.OUT, EspTransform.AES_GCM, true)) {
            assertThat(out.takeSequence(Integer.MAX_VALUE, 0)).isEqualTo(1);
            assertThat(out.takeSequence(Integer.MAX_VALUE, 0)).isEqualTo(1L << 31);
            assertThat(out.takeSequence(1, 0)).isEqualTo(0xffff_ffffL);
            assertThat(out.takeSequence(1, 0)).isEqualTo(SecurityAssociation.NONE);
            for (int i = 0; i < 3; i++) {
                assertThat(extended.takeSequence(Integer.MAX_VALUE, 0)).isPositive();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rwx------", "rw--w----"})
    void refusesAKeyFileThatOthersMayRead(String rights) {
        Path key = KeyFiles.write(directory, KeyFiles.key(20), rights);
        assertThatThrownBy(() -> KeyMaterial.read(key, EspTransform.AES_GCM.keyFileLengths()))
                .isInstanceOf(EspException.class)
                .hasMessageContaining(key.toString())
                .hasMessageContaining("chmod 600")
                .hasMessageNotContaining(KeyFiles.key(20));
    }

    /** Its owner could put a key there that he knows. */
    @Test
    void refusesAKeyFileOfSomebodyElse() throws IOException {
        Path key = KeyFiles.write(directory, KeyFiles.key(20), "rw-------");
        try {
            Files.setAttribute(key, "unix:uid", 12_345);
        } catch (FileSystemException e) {
            Assumptions.abort("to give a file away needs root: " + e.getMessage());
        }
        Path link = Files.createSymbolicLink(directory.resolve("link"), key);
        for (Path file : List.of(key, link)) {
            assertThatThrownBy(() -> KeyMaterial.read(file, EspTransform.AES_GCM.keyFileLengths()))
                    .isInstanceOf(EspException.class)
                    .hasMessageContaining(file + " belongs to user 12345")
                    .hasMessageContaining("chown root " + file);
        }
    }

    /** A pipe without a writer would hold the gateway up for ever. */
    @ParameterizedTest
    @ValueSource(strings = {"mkfifo", "mkdir"})
    @Timeout(value = 10, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void refusesWhatIsNoFile(String command) throws Exception {
        Path key = directory.resolve(command);
        assertThat(new ProcessBuilder(command, "-m", "600", key.toString())
                        .start()
                        .waitFor())
                .isZero();

        assertThatThrownBy(() -> KeyMaterial.read(key, EspTransform.AES_GCM.keyFileLengths()))
                .isInstanceOf(EspException.class)
                .hasMessageContaining(key + " is no regular file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0x", "abc", "00112233445566778899aabbccddeeff0011223g", "00112233"})
    void refusesWhatIsNoKeyWithoutSayingIt(String content) {
        Path key = KeyFiles.write(directory, content, "rw-------");
        assertThatThrownBy(() -> KeyMaterial.read(key, EspTransform.AES_GCM.keyFileLengths()))
                .isInstanceOf(EspException.class)
                .hasMessageContaining(key.toString())
                .hasMessageMatching(".*(hexadecimal digit).*");
    }

    @Test
    void refusesAMissingKeyFile() {
        assertThatThrownBy(() -> KeyMaterial.read(directory.resolve("none"), EspTransform.AES_GCM.keyFileLengths()))
                .isInstanceOf(EspException.class)
                .hasMessageContaining("does not exist");
    }

    @ParameterizedTest
    @EnumSource(EspTransform.class)
    void computesTheLargestInnerPacket(EspTransform transform) {
        for (int available = 100; available < 1600; available++) {
            int inner = transform.innerMtu(available);
            assertThat(transform.headerLength() + inner + transform.trailerLength(inner))
                    .isLessThanOrEqualTo(available);
            assertThat(transform.headerLength() + inner + 1 + transform.trailerLength(inner + 1))
                    .isGreaterThan(available);
        }
    }
}
