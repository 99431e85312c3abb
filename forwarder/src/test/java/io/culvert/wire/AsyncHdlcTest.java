package io.culvert.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.SeededCases;
import io.culvert.testing.Tshark;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AsyncHdlcTest {

    private static final int RING = 1 << 16;

    /** What the standard says of the header and the LCP configure request of nobody in particular. */
    private static final byte[] REQUEST = Hex.bytes("ff03 c021 0101 000e 0206 00000000 0506 7d7e");

    private final UnsafeBuffer ring = new UnsafeBuffer(new byte[RING]);
    private final UnsafeBuffer target = new UnsafeBuffer(new byte[AsyncHdlc.MAX_FRAME + 2]);

    private byte[] encode(byte[] frame, long position) {
        long end = AsyncHdlc.encode(new UnsafeBuffer(frame), 0, frame.length, ring, position, RING - 1);
        byte[] encoded = new byte[(int) (end - position)];
        for (int i = 0; i < encoded.length; i++) {
            encoded[i] = ring.getByte((int) (position + i) & (RING - 1));
        }
        assertThat(encoded.length).isLessThanOrEqualTo(AsyncHdlc.maxEncodedLength(frame.length));
        return encoded;
    }

    /** Of octets as they stand between two flags. */
    private int decode(byte[] octets) {
        return AsyncHdlc.decode(new UnsafeBuffer(octets), 0, octets.length, target, 0, target.capacity());
    }

    private static byte[] withoutFlags(byte[] encoded) {
        return Arrays.copyOfRange(encoded, 1, encoded.length - 1);
    }

    /** The checksum is that of RFC 1662 appendix C, computed here by polynomial division bit by bit. */
    private static int fcs(byte[] frame) {
        int fcs = 0xffff;
        for (byte octet : frame) {
            for (int bit = 0; bit < 8; bit++) {
                int carry = (fcs ^ octet >>> bit) & 1;
                fcs = fcs >>> 1 ^ carry * 0x8408;
            }
        }
        return ~fcs & 0xffff;
    }

    @Test
    void escapesFlagEscapeAndEveryControlCharacter() {
        String encoded = Hex.text(encode(REQUEST, 0));

        assertThat(encoded)
                .startsWith("7eff7d23c0217d217d217d207d2e7d227d267d207d207d207d207d257d267d5d7d5e")
                .endsWith("7e");
        int fcs = fcs(REQUEST);
        assertThat(Hex.text(new byte[] {(byte) fcs, (byte) (fcs >>> 8)}))
                .as("low octet first, RFC 1662 section 3.1")
                .isEqualTo(Hex.text(new byte[] {target(REQUEST, 0), target(REQUEST, 1)}));
    }

    private byte target(byte[] frame, int index) {
        decode(withoutFlags(encode(frame, 0)));
        return target.getByte(frame.length + index);
    }

    /** A stream of PPP in HDLC-like framing is what CDMA2000 has in GRE, so tshark takes the octets as they are. */
    @Test
    void tsharkReadsWhatIsSent() {
        Tshark.require();
        byte[] stream = encode(REQUEST, 0);
        byte[] packet = new byte[24 + stream.length];
        new Ipv4Flyweight()
                .wrap(new UnsafeBuffer(packet), 0)
                .headerLength(20)
                .totalLength(packet.length)
                .ttl(64)
                .protocol(IpProtocol.GRE)
                .source(0xc0000201)
                .destination(0xc0000202)
                .updateChecksum();
        new GreFlyweight().wrap(new UnsafeBuffer(packet), 20).flags(0).protocol(0x8881);
        System.arraycopy(stream, 0, packet, 24, stream.length);

        List<String> read = Tshark.fields(
                        List.of(packet), List.of("ppp.protocol", "ppp.fcs.status"), "-o", "ppp.fcs_type:16-Bit")
                .getFirst();

        assertThat(read).containsExactly("0xc021", Tshark.GOOD);
    }

    @ParameterizedTest
    @CsvSource({"'', -1", "7d, -2", "ff7d23c0217d, -2", "ff, -1", "ff7d23, -1", "ff03c021, -3", "ff7d23c0217d, -2"})
    void refusesWhatIsNoFrame(String octets, int outcome) {
        assertThat(decode(Hex.bytes(octets))).isEqualTo(outcome);
    }

    @Test
    void refusesAWrongChecksumWhicheverBitIsWrong() {
        byte[] sound = Hex.bytes("c0 80 41 42 43 0000");
        int fcs = fcs(Arrays.copyOf(sound, 5));
        sound[5] = (byte) fcs;
        sound[6] = (byte) (fcs >>> 8);
        assertThat(decode(sound)).isEqualTo(5);
        for (int bit = 0; bit < 8 * sound.length; bit++) {
            byte[] wrong = sound.clone();
            wrong[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(decode(wrong)).as("bit %d", bit).isNegative();
        }
    }

    @Test
    void takesControlCharactersThatWereNotEscaped() {
        byte[] frame = Hex.bytes("ff03 0021 0001 1113 1f");
        int fcs = fcs(frame);
        byte[] octets = Arrays.copyOf(frame, frame.length + 2);
        octets[frame.length] = (byte) fcs;
        octets[frame.length + 1] = (byte) (fcs >>> 8);

        assertThat(decode(octets)).isEqualTo(frame.length);
    }

    @Test
    void takesTheLongestFrameAndNoLongerOne() {
        byte[] longest = new byte[AsyncHdlc.MAX_FRAME];
        assertThat(decode(withoutFlags(encode(longest, 0)))).isEqualTo(longest.length);
        assertThat(decode(withoutFlags(encode(new byte[AsyncHdlc.MAX_FRAME + 1], 0))))
                .isEqualTo(AsyncHdlc.TOO_LONG);
    }

    @Test
    void givesBackEveryFrameWhereverItLiesInTheRing() {
        SeededCases.check(500, random -> {
            byte[] frame = frame(random);
            byte[] encoded = encode(frame, random.nextLong(1L << 40));

            assertThat(encoded[0]).isEqualTo(AsyncHdlc.FLAG);
            byte[] octets = withoutFlags(encoded);
            for (byte octet : octets) {
                assertThat(octet & 0xff).isGreaterThanOrEqualTo(0x20).isNotEqualTo(0x7e);
            }
            assertThat(decode(octets)).isEqualTo(frame.length);
            assertThat(Arrays.copyOf(target.byteArray(), frame.length)).isEqualTo(frame);
        });
    }

    private static byte[] frame(SplittableRandom random) {
        byte[] frame = new byte[random.nextInt(2, 2000)];
        random.nextBytes(frame);
        return frame;
    }

    @Test
    void neverReadsBeyondWhatItIsGivenWhateverTheOctets() {
        SeededCases.check(2000, random -> {
            byte[] octets = new byte[random.nextInt(64)];
            random.nextBytes(octets);
            assertThat(decode(octets)).isLessThanOrEqualTo(octets.length);
        });
    }
}
