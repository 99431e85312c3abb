package io.culvert.fragment;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv6Flyweight;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the kernel and tshark make of the fragments is in the integration tests. */
final class Ipv6FragmenterTest {

    private static final int HEADER = 40;
    private static final int FRAGMENT = 8;

    private final Ipv6Fragmenter fragmenter = new Ipv6Fragmenter();

    private static byte[] packet(int payload) {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[HEADER + payload]);
        for (int i = 0; i < payload; i++) {
            buffer.putByte(HEADER + i, (byte) (i * 31));
        }
        new Ipv6Flyweight()
                .wrap(buffer, 0)
                .trafficClass(0xb9)
                .flowLabel(0x12345)
                .payloadLength(payload)
                .nextHeader(IpProtocol.DESTINATION_OPTIONS)
                .hopLimit(64)
                .source(1, 2)
                .destination(3, 4);
        return buffer.byteArray();
    }

    private List<byte[]> fragments(byte[] packet, int mtu) {
        List<byte[]> fragments = new ArrayList<>();
        int count = fragmenter.start(new UnsafeBuffer(packet), 0, packet.length, mtu);
        for (int i = 0; i < count; i++) {
            UnsafeBuffer target = new UnsafeBuffer(new byte[mtu]);
            fragments.add(Arrays.copyOf(target.byteArray(), fragmenter.next(target, 0)));
        }
        return fragments;
    }

    @ParameterizedTest
    @ValueSource(ints = {1241, 1264, 2464, 2465, 9000})
    void fragmentsAreThePacketAgain(int payload) {
        byte[] packet = packet(payload);
        ByteArrayOutputStream again = new ByteArrayOutputStream();
        List<byte[]> fragments = fragments(packet, 1280);
        int identification = ByteBuffer.wrap(fragments.getFirst()).getInt(HEADER + 4);
        for (byte[] fragment : fragments) {
            ByteBuffer header = ByteBuffer.wrap(fragment);
            boolean isLast = fragment == fragments.getLast();

            assertThat(fragment.length).isLessThanOrEqualTo(1280);
            assertThat(Arrays.copyOf(fragment, 4)).isEqualTo(Arrays.copyOf(packet, 4));
            assertThat(header.getShort(4)).isEqualTo((short) (fragment.length - HEADER));
            assertThat(fragment[6]).isEqualTo((byte) IpProtocol.FRAGMENT);
            assertThat(Arrays.copyOfRange(fragment, 7, HEADER)).isEqualTo(Arrays.copyOfRange(packet, 7, HEADER));
            assertThat(header.getShort(HEADER)).isEqualTo((short) (IpProtocol.DESTINATION_OPTIONS << 8));
            assertThat(header.getShort(HEADER + 2) & 0xffff).isEqualTo(again.size() | (isLast ? 0 : 1));
            assertThat(header.getInt(HEADER + 4)).isEqualTo(identification);
            again.write(fragment, HEADER + FRAGMENT, fragment.length - HEADER - FRAGMENT);
        }
        assertThat(again.toByteArray()).isEqualTo(Arrays.copyOfRange(packet, HEADER, packet.length));
    }

    /** RFC 6946: a fragment that is the whole packet helps nobody. */
    @Test
    void aPacketThatFitsStaysAsItIs() {
        byte[] packet = packet(1240);

        assertThat(fragments(packet, 1280)).containsExactly(packet);
    }

    @Test
    void packetsHaveIdentificationsThatAreNotInOrder() {
        byte[] packet = packet(2000);
        int first = ByteBuffer.wrap(fragments(packet, 1280).getFirst()).getInt(HEADER + 4);
        int second = ByteBuffer.wrap(fragments(packet, 1280).getFirst()).getInt(HEADER + 4);

        assertThat(second).isNotIn(first, first + 1);
    }

    @Test
    void refusesWhatIsMalformedAndALinkThatIsNoneOfIpv6() {
        byte[] packet = packet(2000);

        assertThat(fragments(Arrays.copyOf(packet, 1500), 1280)).isEmpty();
        assertThat(fragments(packet, 1279)).isEmpty();
    }
}
