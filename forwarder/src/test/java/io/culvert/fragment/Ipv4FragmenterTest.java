package io.culvert.fragment;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Allocations;
import io.culvert.testing.Hex;
import io.culvert.testing.SeededCases;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Malformed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class Ipv4FragmenterTest {
    private final Ipv4Fragmenter fragmenter = new Ipv4Fragmenter();
    private final Ipv4Flyweight ipv4 = new Ipv4Flyweight();

    @Test
    void splitsAtUnitsOfEightBytes() {
        List<byte[]> fragments = fragment(packet(0, 1, 200, ""), 100);

        assertThat(fragments).hasSize(3);
        assertFragment(fragments.get(0), 100, 0, true);
        assertFragment(fragments.get(1), 100, 80, true);
        assertFragment(fragments.get(2), 60, 160, false);
    }

    @Test
    void fillsTheLastFragmentBeyondTheLastUnit() {
        List<byte[]> fragments = fragment(packet(0, 1, 80 + 81, ""), 101);

        assertThat(fragments).hasSize(2);
        assertFragment(fragments.get(0), 100, 0, true);
        assertFragment(fragments.get(1), 101, 80, false);
    }

    @Test
    void leavesAPacketThatFitsAsItIs() {
        byte[] packet = packet(0, 1, 80, "");
        assertThat(fragment(packet, 100)).containsExactly(packet);

        byte[] headerOnly = packet(0, 1, 0, "");
        assertThat(fragment(headerOnly, 68)).containsExactly(headerOnly);
    }

    @Test
    void continuesWhereAFragmentStands() {
        int middle = Ipv4Flyweight.MORE_FRAGMENTS | 1000 / 8;
        List<byte[]> fragments = fragment(packet(middle, 1, 160, ""), 100);
        assertThat(fragments).hasSize(2);
        assertFragment(fragments.get(0), 100, 1000, true);
        assertFragment(fragments.get(1), 100, 1080, true);

        int last = 1000 / 8;
        fragments = fragment(packet(last, 1, 81, ""), 100);
        assertThat(fragments).hasSize(2);
        assertFragment(fragments.get(0), 100, 1000, true);
        assertFragment(fragments.get(1), 21, 1080, false);
    }

    /** RFC 791: record route (7) is not copied, no-operation neither, loose source route (0x83) and router alert are. */
    @Test
    void copiesOnlyOptionsThatAreCopied() {
        String options = "01 0707 0400000000 8307 04c0000201 01 9404 0000 01 00 00 00";
        List<byte[]> fragments = fragment(packet(0, 1, 100, options), 100);

        assertThat(optionsOf(fragments.get(0))).isEqualTo(Hex.text(Hex.bytes(options)));
        assertThat(optionsOf(fragments.get(1))).isEqualTo("830704c0000201" + "94040000" + "00");
    }

    @Test
    void refusesOptionsThatItCannotTellApart() {
        for (String options : new String[] {"07000000", "07010000", "07050000", "01010107"}) {
            assertThat(fragment(packet(0, 1, 100, options), 100)).as(options).isEmpty();
        }
    }

    @Test
    void refusesWhatMustNotBeFragmented() {
        assertThat(fragment(packet(Ipv4Flyweight.DONT_FRAGMENT, 1, 200, ""), 100))
                .isEmpty();
        assertThat(fragment(packet(0, 1, 200, ""), 67)).isEmpty();
        // More fragments follow, but not at a unit of 8 bytes.
        assertThat(fragment(packet(Ipv4Flyweight.MORE_FRAGMENTS, 1, 201, ""), 100))
                .isEmpty();
        // Its end would lie beyond the longest packet.
        assertThat(fragment(packet(8191, 1, 200, ""), 100)).isEmpty();
        byte[] packet = packet(0, 1, 200, "");
        for (int length = 0; length < packet.length; length++) {
            byte[] cut = Arrays.copyOf(packet, length);
            assertThat(fragmenter.start(new UnsafeBuffer(cut), 0, length, 100)).isZero();
            assertThat(fragmenter.hasNext()).isFalse();
        }
    }

    @Test
    void forgetsAPacketThatWasNotFinished() {
        UnsafeBuffer packet = new UnsafeBuffer(packet(0, 1, 200, ""));
        assertThat(fragmenter.start(packet, 0, packet.capacity(), 100)).isEqualTo(3);
        fragmenter.next(new UnsafeBuffer(new byte[100]), 0);

        ipv4.wrap(packet, 0).flagsAndFragmentOffset(Ipv4Flyweight.DONT_FRAGMENT);
        assertThat(fragmenter.start(packet, 0, packet.capacity(), 100)).isZero();
        assertThat(fragmenter.hasNext()).isFalse();
    }

    @Test
    void reassemblesToThePacketThatWasSplit() {
        SeededCases.check(10_000, random -> {
            byte[] packet = randomPacket(random, random.nextInt(9001), 0);
            int mtu = random.nextInt(68, 1501);
            List<byte[]> fragments = fragment(packet, mtu);
            byte[] reassembled = packet.clone();
            int headerLength = ipv4.wrap(new UnsafeBuffer(packet), 0).headerLength();
            Arrays.fill(reassembled, headerLength, packet.length, (byte) 0);
            int expectedOffset = 0;
            for (byte[] fragment : fragments) {
                UnsafeBuffer buffer = new UnsafeBuffer(fragment);
                assertThat(Ipv4Flyweight.validate(buffer, 0, fragment.length)).isEqualTo(Malformed.NONE);
                ipv4.wrap(buffer, 0);
                assertThat(ipv4.isChecksumValid()).isTrue();
                assertThat(ipv4.totalLength()).isEqualTo(fragment.length).isLessThanOrEqualTo(mtu);
                assertThat(ipv4.fragmentOffset()).isEqualTo(expectedOffset);
                assertThat(ipv4.moreFragments()).isEqualTo(fragment != fragments.getLast());
                // As few as can be: what is left fits only into the last.
                int left = packet.length - headerLength - expectedOffset;
                assertThat(ipv4.moreFragments()).isEqualTo(left > mtu - ipv4.headerLength());
                assertThat(fragment.length > mtu - 8 || !ipv4.moreFragments()).isTrue();
                buffer.getBytes(ipv4.payloadOffset(), reassembled, headerLength + expectedOffset, ipv4.payloadLength());
                expectedOffset += ipv4.payloadLength();
            }

            assertThat(reassembled).isEqualTo(packet);
        });
    }

    @Test
    void allocatesNothing() {
        UnsafeBuffer packet = new UnsafeBuffer(packet(0, 1, 4000, "94040000"));
        UnsafeBuffer target = new UnsafeBuffer(new byte[1500]);

        assertThat(Allocations.inBytes(() -> {
                    for (int i = 0; i < 10_000; i++) {
                        fragmenter.start(packet, 0, packet.capacity(), 1500);
                        while (fragmenter.hasNext()) {
                            fragmenter.next(target, 0);
                        }
                    }
                }))
                .isZero();
    }

    /** The fragments, each at an odd offset of its own buffer; empty if refused. */
    private List<byte[]> fragment(byte[] packet, int mtu) {
        return fragments(fragmenter, packet, mtu);
    }

    static List<byte[]> fragments(Ipv4Fragmenter fragmenter, byte[] packet, int mtu) {
        UnsafeBuffer slot = new UnsafeBuffer(new byte[packet.length + 12]);
        slot.putBytes(7, packet);
        int count = fragmenter.start(slot, 7, packet.length + 5, mtu);
        List<byte[]> fragments = new ArrayList<>();
        while (fragmenter.hasNext()) {
            byte[] bytes = new byte[3 + mtu];
            int length = fragmenter.next(new UnsafeBuffer(bytes), 3);
            fragments.add(Arrays.copyOfRange(bytes, 3, 3 + length));
        }
        assertThat(fragments).hasSize(count);
        return fragments;
    }

    /** A packet with random payload and, in half of all cases, options that are all copied. */
    static byte[] randomPacket(SplittableRandom random, int payloadLength, int identification) {
        String options = random.nextBoolean() ? "" : "94040000".repeat(random.nextInt(11));
        byte[] packet = packet(0, identification, payloadLength, options);
        for (int i = 20 + options.length() / 2; i < packet.length; i++) {
            packet[i] = (byte) random.nextInt(256);
        }
        return packet;
    }

    private static byte[] packet(int flagsAndFragmentOffset, int identification, int payloadLength, String options) {
        byte[] optionBytes = Hex.bytes(options);
        int headerLength = 20 + optionBytes.length;
        byte[] packet = new byte[headerLength + payloadLength];
        UnsafeBuffer buffer = new UnsafeBuffer(packet);
        buffer.putBytes(20, optionBytes);
        new Ipv4Flyweight()
                .wrap(buffer, 0)
                .headerLength(headerLength)
                .tos(0xb8)
                .totalLength(packet.length)
                .identification(identification)
                .flagsAndFragmentOffset(flagsAndFragmentOffset)
                .ttl(64)
                .protocol(IpProtocol.UDP)
                .source(0xc0000201)
                .destination(0xc6336402)
                .updateChecksum();
        for (int i = headerLength; i < packet.length; i++) {
            packet[i] = (byte) i;
        }
        return packet;
    }

    private void assertFragment(byte[] fragment, int totalLength, int fragmentOffset, boolean moreFragments) {
        ipv4.wrap(new UnsafeBuffer(fragment), 0);
        assertThat(ipv4.totalLength()).isEqualTo(totalLength).isEqualTo(fragment.length);
        assertThat(ipv4.fragmentOffset()).isEqualTo(fragmentOffset);
        assertThat(ipv4.moreFragments()).isEqualTo(moreFragments);
        assertThat(ipv4.dontFragment()).isFalse();
        assertThat(ipv4.identification()).isEqualTo(1);
        assertThat(ipv4.tos()).isEqualTo(0xb8);
        assertThat(ipv4.ttl()).isEqualTo(64);
        assertThat(ipv4.protocol()).isEqualTo(IpProtocol.UDP);
        assertThat(ipv4.isChecksumValid()).isTrue();
    }

    private String optionsOf(byte[] fragment) {
        ipv4.wrap(new UnsafeBuffer(fragment), 0);
        return Hex.text(Arrays.copyOfRange(fragment, ipv4.optionsOffset(), ipv4.payloadOffset()));
    }
}
