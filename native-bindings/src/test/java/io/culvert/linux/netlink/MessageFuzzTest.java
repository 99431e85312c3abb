package io.culvert.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Damaged messages: whatever arrives, parsing ends, throws nothing, and gives nothing impossible. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MessageFuzzTest {

    private static final long SEED = 20260101;
    private static final int CASES = 100_000;

    private static final int[] TYPES = {
        Abi.RTM_NEWLINK, Abi.RTM_DELLINK, Abi.RTM_NEWADDR, Abi.RTM_DELADDR,
        Abi.RTM_NEWROUTE, Abi.RTM_DELROUTE, Abi.RTM_NEWNEIGH, Abi.RTM_DELNEIGH,
    };
    private static final int[] EVIL_LENGTHS = {0, 1, 3, 4, 5, 8, 0x7fff, 0x8000, 0xffff};

    private final Random random = new Random(SEED);
    private final Plausibility plausibility = new Plausibility();

    @Test
    void survivesDamagedMessages() {
        List<byte[]> originals = originals();
        for (int i = 0; i < CASES; i++) {
            byte[] datagram = damaged(originals.get(random.nextInt(originals.size())));
            read(datagram);
        }
        assertThat(plausibility.parsed).as("messages that still parse").isGreaterThan(CASES / 10);
    }

    @Test
    void survivesEveryTruncation() {
        for (byte[] original : originals()) {
            for (int length = 0; length <= original.length; length++) {
                byte[] datagram = Arrays.copyOf(original, length);
                read(datagram);
                if (length >= 16) {
                    ByteBuffer.wrap(datagram).order(ByteOrder.nativeOrder()).putInt(0, length);
                    read(datagram);
                }
            }
        }
        assertThat(plausibility.parsed).isPositive();
    }

    @Test
    void survivesNoise() {
        for (int i = 0; i < CASES; i++) {
            byte[] payload = new byte[random.nextInt(128)];
            random.nextBytes(payload);
            NetlinkMonitor.dispatch(TYPES[random.nextInt(TYPES.length)], MemorySegment.ofArray(payload), plausibility);
            readErrors(MemorySegment.ofArray(payload));
        }
    }

    private void read(byte[] datagram) {
        MessageReader messages = new MessageReader(MemorySegment.ofArray(datagram));
        int count = 0;
        while (messages.next()) {
            count++;
            NetlinkMonitor.dispatch(messages.type(), messages.payload(), plausibility);
            readErrors(messages.payload());
        }
        assertThat(count).isLessThanOrEqualTo(datagram.length / MessageReader.HEADER_LENGTH);
    }

    private static void readErrors(MemorySegment payload) {
        assertThat(ErrorMessage.error(payload)).isLessThanOrEqualTo(0);
        int flags = Abi.NLM_F_ACK_TLVS | Abi.NLM_F_CAPPED;
        assertThat(ErrorMessage.text(payload, Abi.NLMSG_ERROR, flags)).isNotNull();
        assertThat(ErrorMessage.text(payload, Abi.NLMSG_DONE, flags)).isNotNull();
    }

    private byte[] damaged(byte[] original) {
        byte[] datagram = original.clone();
        ByteBuffer bytes = ByteBuffer.wrap(datagram).order(ByteOrder.nativeOrder());
        for (int damages = 1 + random.nextInt(4); damages > 0; damages--) {
            int at = random.nextInt(datagram.length - 1);
            switch (random.nextInt(4)) {
                case 0 -> datagram[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> datagram[at] = (byte) random.nextInt();
                case 2 -> bytes.putShort(at & ~3, (short) EVIL_LENGTHS[random.nextInt(EVIL_LENGTHS.length)]);
                default -> {
                    datagram = Arrays.copyOf(datagram, 2 + random.nextInt(datagram.length - 1));
                    bytes = ByteBuffer.wrap(datagram).order(ByteOrder.nativeOrder());
                }
            }
        }
        return datagram;
    }

    /** What our own encoder makes of all attributes that the parsers know, as the kernel would send it. */
    private static List<byte[]> originals() {
        InetAddress v4 = InetAddress.ofLiteral("192.0.2.1");
        InetAddress v6 = InetAddress.ofLiteral("2001:db8::1");
        return List.of(
                message(request -> header(request, Abi.RTM_NEWLINK, LinkMessage.HEADER_LENGTH)
                        .attribute(Abi.IFLA_IFNAME, "gre1")
                        .attribute(Abi.IFLA_ADDRESS, new byte[] {2, 0, 0, 0, 0, 1})
                        .attribute(Abi.IFLA_MTU, 1476)
                        .attribute(Abi.IFLA_LINKINFO, new byte[] {8, 0, 1, 0, 't', 'u', 'n', 0})
                        .attribute(Abi.IFLA_STATS64, new byte[200])),
                message(request -> AddressMessage.add(request, 3, v4, 24)),
                message(request -> AddressMessage.remove(request, 3, v6, 64)),
                message(request -> RouteMessage.add(request, v4, 24, 3, v6)
                        .attribute(Abi.RTA_METRICS, new byte[] {8, 0, 2, 0, 20, 5, 0, 0})
                        .attribute(
                                Abi.RTA_MULTIPATH,
                                new byte[] {16, 0, 0, 0, 3, 0, 0, 0, 8, 0, Abi.RTA_GATEWAY, 0, 10, 0, 0, 1})),
                message(request -> RouteMessage.remove(request, v6, 64, 3, v6).attribute(Abi.RTA_TABLE, 1000)),
                message(request -> NeighbourMessage.set(request, 3, v4, new byte[] {2, 0, 0, 0, 0, 1})),
                message(request -> NeighbourMessage.remove(request, 3, v6)));
    }

    private static NetlinkBuffer header(NetlinkBuffer request, int type, int length) {
        request.begin(type, 0);
        for (int i = 0; i < length; i++) {
            request.u8(0);
        }
        return request;
    }

    private static byte[] message(UnaryOperator<NetlinkBuffer> writer) {
        byte[] bytes = new byte[1024];
        NetlinkBuffer buffer = writer.apply(new NetlinkBuffer(MemorySegment.ofArray(bytes)));
        buffer.finish(1);
        return Arrays.copyOf(bytes, buffer.length());
    }

    /** Checks that what was parsed can be. */
    private static final class Plausibility implements NetlinkListener {

        private int parsed;

        @Override
        public void linkChanged(Link link) {
            parsed++;
            assertThat(link.name()).isNotEmpty();
            assertThat(link.toString()).isNotEmpty();
        }

        @Override
        public void linkRemoved(Link link) {
            linkChanged(link);
        }

        @Override
        public void addressChanged(AddressInfo address, boolean removed) {
            parsed++;
            assertThat(address.prefixLength()).isBetween(0, bits(address.address()));
        }

        @Override
        public void routeChanged(RouteInfo route, boolean removed) {
            parsed++;
            assertThat(route.prefixLength()).isBetween(0, bits(route.destination()));
        }

        @Override
        public void neighbourChanged(NeighbourInfo neighbour, boolean removed) {
            parsed++;
            assertThat(neighbour.toString()).isNotEmpty();
        }

        @Override
        public void overrun() {
            throw new AssertionError("nothing was lost");
        }

        private static int bits(InetAddress address) {
            return address.getAddress().length * Byte.SIZE;
        }
    }
}
