package io.culvert.it;

import static io.culvert.config.GatewayConfig.Lane.SUPER;
import static io.culvert.config.GatewayConfig.Pipeline.FUSED;
import static io.culvert.lab.WireMode.OFFLOADED;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.it.Scenario.Kind;
import io.culvert.lab.Capture;
import io.culvert.lab.Host;
import io.culvert.lab.Lab;
import io.culvert.lab.LabGateway;
import io.culvert.lab.TcpTransfer;
import io.culvert.lab.Tshark;
import io.culvert.lab.UdpFlood;
import io.culvert.lab.WireMode;
import io.culvert.linux.Epoll;
import io.culvert.linux.Poll;
import io.culvert.linux.socket.MessageBatch;
import io.culvert.linux.socket.UdpSocket;
import io.culvert.testing.Judges;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.TunnelSpec;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The super lane under everything that a device, a sender or a network may do to super-packets. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class SuperPacketsIT {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final long BYTES = 24_000_000;

    /** What devices may do: each state of the link between the gateways, as {@code ethtool -K} has it. */
    private static final List<String> OFFLOADS = List.of(
            "tso on gso on tx on gro off",
            "tso on gso on tx on gro on",
            "tso off gso on tx on gro off",
            "tso off gso on tx on gro on",
            "tso off gso off tx on gro on",
            "tso off gso off tx off gro off",
            "tso off gso off tx off gro on");

    /** The longest UDP payload over IPv4: a packet of 65,535 bytes, whose outer header could not tell its length. */
    private static final int LONGEST = 65_507;

    /** A payload that leaves room for them. */
    private static final int LONG = 60_000;

    private static final int DATAGRAM = 1400;

    /** Inner TCP segments with CWR that open no connection, in ipip from the left gateway. */
    private static final String WITH_CWR = "ip src 203.0.113.1 and ip proto 4 and ip[53] & 0x82 = 0x80";

    @BeforeEach
    void requireJudges() {
        Judges.requireTool("ethtool", "ethtool");
        Judges.requireTool("tcpdump", "tcpdump");
        Judges.requireTool("tshark", "tshark");
    }

    /** TCP, small and large UDP both ways, while the link's offloads go through every state. */
    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"IPIP", "GRE"})
    void arriveWholeWhateverTheLinkOffloads(Kind kind) {
        try (TwoGateways gateways = TwoGateways.start(new Scenario(kind, SUPER, FUSED, OFFLOADED))) {
            for (String offloads : OFFLOADS) {
                set(gateways.leftHost(), offloads);
                set(gateways.rightHost(), offloads);
                transfer(gateways.leftHost(), gateways.rightHost(), TwoGateways.RIGHT_INNER, offloads);
                transfer(gateways.rightHost(), gateways.leftHost(), TwoGateways.LEFT_INNER, offloads);
                sendDatagrams(gateways, LONG, 1, offloads);
                sendDatagrams(gateways, LONGEST, (LONGEST + DATAGRAM - 1) / DATAGRAM, offloads);
                for (int size : new int[] {8, 1400}) {
                    UdpFlood.Result flood = UdpFlood.start(
                                    gateways.leftHost(),
                                    gateways.rightHost(),
                                    TwoGateways.RIGHT_INNER,
                                    500,
                                    size,
                                    5_000)
                            .await();
                    assertThat(flood.delivered()).as("%s, %s", offloads, flood).isEqualTo(500);
                    assertThat(flood.reordered() + flood.duplicated() + flood.corrupted())
                            .as("%s, %s", offloads, flood)
                            .isZero();
                }
            }
            gateways.leftHost()
                    .exec("ip", "link", "set", TwoGateways.DEVICE, "gso_max_size", "65536")
                    .orThrow();
            sendDatagrams(gateways, LONGEST, 1, "a device that hands over what leaves no room for an outer header");
            assertNothingWasRefused(gateways.left());
            assertNothingWasRefused(gateways.right());
        }
    }

    private static void set(Host host, String offloads) {
        String[] words = ("ethtool -K " + Host.UNDERLAY + " " + offloads).split(" ", -1);
        host.exec(words).orThrow();
    }

    private static void transfer(Host from, Host to, InetAddress address, String what) {
        TcpTransfer.Result result = TcpTransfer.checked(from, to, address, BYTES, LIMIT);
        assertThat(result.bytes()).as(what).isEqualTo(BYTES);
        assertThat(result.received()).as(what).isEqualTo(result.sent());
    }

    /** Full queues cost packets of TCP; nothing else may. */
    private static void assertNothingWasRefused(LabGateway gateway) {
        Counts counts = Counts.of(gateway);
        Map<String, Long> drops = new TreeMap<>(counts.pathDrops("encap"));
        drops.putAll(counts.pathDrops("decap"));
        drops.keySet().removeIf(reason -> reason.endsWith("queue_full"));
        assertThat(drops).as("%s", counts.report()).isEmpty();
    }

    /**
     * Sends a UDP super-packet, UDP_SEGMENT on the sender's socket.
     *
     * @param packets how many the tunnel's device makes of it: 1 if it hands it over whole
     */
    private static void sendDatagrams(TwoGateways gateways, int length, int packets, String what) {
        byte[] sent = new byte[length];
        new SplittableRandom(what.hashCode()).nextBytes(sent);
        byte[] received = new byte[0];
        try (UdpSocket sink = open(gateways.rightHost());
                UdpSocket source = open(gateways.leftHost())) {
            sink.setReceiveBuffer(1 << 20);
            sink.bind(TwoGateways.RIGHT_INNER, 0);
            source.setSegmentSize(DATAGRAM);
            long before = Counts.settled(gateways.left()).encapsulated(TwoGateways.DEVICE);
            send(source, sent, sink.localPort());
            while (received.length < length && Poll.await(sink.fd(), Epoll.IN, 10_000) > 0) {
                byte[] datagram = receive(sink);
                int at = received.length;
                received = Arrays.copyOf(received, at + datagram.length);
                System.arraycopy(datagram, 0, received, at, datagram.length);
            }
            assertThat(Counts.settled(gateways.left()).encapsulated(TwoGateways.DEVICE) - before)
                    .as("packets that the tunnel's device handed over, %s", what)
                    .isEqualTo(packets);
        }
        assertThat(received).as("datagrams of one UDP super-packet, %s", what).isEqualTo(sent);
    }

    private static UdpSocket open(Host host) {
        return host.call("udp-open", LIMIT, () -> UdpSocket.open(false));
    }

    private static void send(UdpSocket source, byte[] payload, int port) {
        UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(payload.length));
        memory.putBytes(0, payload);
        try (MessageBatch batch = new MessageBatch(1, 1, MessageBatch.NAME_CAPACITY, 0)) {
            batch.iovec(0, 0, memory.addressOffset(), payload.length);
            batch.inet4Address(
                    0, ByteBuffer.wrap(TwoGateways.RIGHT_INNER.getAddress()).getInt(), port);
            assertThat(source.send(batch, 0, 1)).as("sendmmsg with UDP_SEGMENT").isEqualTo(1);
        }
    }

    private static byte[] receive(UdpSocket sink) {
        UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(LONGEST));
        try (MessageBatch batch = new MessageBatch(1, 1, MessageBatch.NAME_CAPACITY, 0)) {
            batch.iovec(0, 0, memory.addressOffset(), LONGEST);
            batch.prepareReceive(0, 1);
            assertThat(sink.receive(batch, 0, 1)).isEqualTo(1);
            byte[] datagram = new byte[batch.length(0)];
            memory.getBytes(0, datagram);
            return datagram;
        }
    }

    /**
     * TCP with ECN through a router that marks outer packets: the mark arrives in the inner header, the sender answers by
     * CWR, and that is on one segment of a super-packet only.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void congestionIsToldThroughTheTunnel(boolean offloaded) {
        Judges.requireTool("nft", "nftables");
        WireMode mode = offloaded ? OFFLOADED : WireMode.WIRE;
        try (Lab lab = Lab.builder().router(1500).wireMode(mode).build();
                Ends ends = Ends.start(lab)) {
            lab.left().sysctl("net.ipv4.tcp_ecn", "1");
            mark(lab.router());
            List<Map<String, String>> packets;
            try (Capture capture = lab.router().capture("eth1", WITH_CWR)) {
                transfer(lab.left(), lab.right(), TwoGateways.RIGHT_INNER, "ECN");
                packets = Tshark.decode(capture.stop(), "tcp.flags.cwr", "tcp.checksum", "tcp.checksum.status");
            }

            assertThat(ceReceived(lab.right())).as("CE marks at the receiver").isPositive();
            assertThat(packets).as("packets with CWR").isNotEmpty();
            if (!offloaded) {
                assertThat(packets).allMatch(TcpChecksum::isGood);
                assertThat((long) packets.size())
                        .as("segments with CWR: about one for each answered mark, not one for each segment")
                        .isLessThanOrEqualTo(3 * ceReceived(lab.right()));
            }
            assertNothingWasRefused(ends.left);
            assertNothingWasRefused(ends.right);
        }
    }

    /** Every hundredth outer packet of the left gateway gets the mark. */
    private static void mark(Host router) {
        for (String command : List.of(
                "add table ip congestion",
                "add chain ip congestion forward { type filter hook forward priority 0 ; }",
                "add rule ip congestion forward ip saddr 203.0.113.1 ip ecn != not-ect numgen inc mod 100 0 ip ecn set"
                        + " ce")) {
            router.exec("nft", command).orThrow();
        }
    }

    /** What the receiving IP stack has counted. */
    private static long ceReceived(Host host) {
        return host.call("netstat", LIMIT, () -> {
            List<String> lines = Files.readAllLines(Path.of("/proc/thread-self/net/netstat")).stream()
                    .filter(line -> line.startsWith("IpExt:"))
                    .toList();
            List<String> names = List.of(lines.getFirst().split(" ", -1));
            return Long.parseLong(lines.get(1).split(" ", -1)[names.indexOf("InCEPkts")]);
        });
    }

    /** A gateway on each end of a routed lab. */
    private record Ends(LabGateway left, LabGateway right) implements AutoCloseable {

        static Ends start(Lab lab) {
            LabGateway left =
                    gateway(lab.left(), lab.left().address(), lab.right().address(), TwoGateways.LEFT_INNER);
            LabGateway right =
                    gateway(lab.right(), lab.right().address(), lab.left().address(), TwoGateways.RIGHT_INNER);
            return new Ends(left.awaitReady(), right.awaitReady());
        }

        @Override
        public void close() {
            left.close();
            right.close();
        }
    }

    private static LabGateway gateway(Host host, InetAddress local, InetAddress remote, InetAddress inner) {
        return LabGateway.on(host)
                .lane(SUPER)
                .pipeline(FUSED)
                .tunnel(TunnelSpec.builder(TwoGateways.DEVICE, Mode.IPIP)
                        .local(local)
                        .remote(remote)
                        .addresses(List.of(new Prefix(inner, 30)))
                        .build())
                .launch();
    }
}
