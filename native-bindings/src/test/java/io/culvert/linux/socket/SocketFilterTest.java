package io.culvert.linux.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.Packets;
import io.culvert.linux.RequiresRoot;
import io.culvert.linux.TestNamespace;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The kernel is asked, with one frame: IPv4 from 192.0.2.1 to 192.0.2.2, protocol 253, TTL 64, to a stranger. */
@RequiresRoot
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SocketFilterTest {

    private static final int MARKER = 0x88b5;
    private static final int SOURCE = 12;
    private static final int PROTOCOL = 9;
    private static final int TTL = 8;

    private final Buffers buffers = new Buffers(1);
    private TestNamespace namespace;
    private PacketSocket sender;
    private PacketSocket receiver;
    private PacketSocket witness;
    private int near;
    private int far;

    @BeforeAll
    void open() {
        namespace = TestNamespace.create();
        namespace.addVethPair("near", "far");
        near = namespace.interfaceIndex("near");
        far = namespace.interfaceIndex("far");
        sender = namespace.call(() -> PacketSocket.open(0));
        receiver = namespace.call(() -> PacketSocket.open(0));
        witness = namespace.call(() -> PacketSocket.open(0));
        receiver.bind(far, PacketSocket.ETH_P_IP);
        witness.bind(far, MARKER);
    }

    @AfterAll
    void close() {
        sender.close();
        receiver.close();
        witness.close();
        namespace.close();
        buffers.close();
    }

    @Test
    void acceptsOrRefusesEverything() {
        assertThat(passes(SocketFilter.builder().accept().build())).isTrue();
        assertThat(passes(SocketFilter.refuseAll())).isFalse();
    }

    @Test
    void loadsByteHalfAndWordFromTheFrame() {
        assertPassesOnlyIfEqual(load -> load.loadByte(14), 0x45);
        assertPassesOnlyIfEqual(load -> load.loadHalf(12), 0x0800);
        assertPassesOnlyIfEqual(load -> load.loadWord(14 + SOURCE), Packets.number("192.0.2.1"));
    }

    @Test
    void loadsFromTheNetworkHeader() {
        assertPassesOnlyIfEqual(load -> load.loadByte(SocketFilter.NETWORK + PROTOCOL), Packets.EXPERIMENTAL);
        assertPassesOnlyIfEqual(load -> load.loadHalf(SocketFilter.NETWORK + 2), 120);
        assertPassesOnlyIfEqual(load -> load.loadWord(SocketFilter.NETWORK + SOURCE), Packets.number("192.0.2.1"));
    }

    @Test
    void loadsWhatTheKernelKnowsOfTheFrame() {
        assertPassesOnlyIfEqual(SocketFilter.Builder::loadPacketType, PacketSocket.PACKET_OTHERHOST);
        assertPassesOnlyIfEqual(SocketFilter.Builder::loadInterface, far);
        assertPassesOnlyIfEqual(SocketFilter.Builder::loadHardwareType, 1);
        assertPassesOnlyIfEqual(SocketFilter.Builder::loadEtherType, 0x0800);
    }

    @Test
    void masksTheRegister() {
        assertPassesOnlyIfEqual(
                load -> load.loadWord(SocketFilter.NETWORK + SOURCE).and(0xffffff00), Packets.number("192.0.2.0"));
    }

    @Test
    void comparesInEveryWay() {
        assertThat(passes(compare(ttl -> ttl.jumpIfEqual(64, "accept")))).isTrue();
        assertThat(passes(compare(ttl -> ttl.jumpIfEqual(63, "accept")))).isFalse();
        assertThat(passes(compare(ttl -> ttl.jumpIfNotEqual(63, "accept")))).isTrue();
        assertThat(passes(compare(ttl -> ttl.jumpIfNotEqual(64, "accept")))).isFalse();
        assertThat(passes(compare(ttl -> ttl.jumpIfAnySet(0x41, "accept")))).isTrue();
        assertThat(passes(compare(ttl -> ttl.jumpIfAnySet(0x3f, "accept")))).isFalse();
        assertThat(passes(compare(ttl -> ttl.jumpIfNoneSet(0x3f, "accept")))).isTrue();
        assertThat(passes(compare(ttl -> ttl.jumpIfNoneSet(0x41, "accept")))).isFalse();
        assertThat(passes(compare(ttl -> ttl.jumpIfGreater(63, "accept")))).isTrue();
        assertThat(passes(compare(ttl -> ttl.jumpIfGreater(64, "accept")))).isFalse();
        assertThat(passes(compare(ttl -> ttl.jumpIfGreater(-1, "accept")))).isFalse();
        assertThat(passes(compare(ttl -> ttl.jump("accept")))).isTrue();
    }

    @Test
    void loadBeyondTheFrameRefusesIt() {
        assertThat(passes(SocketFilter.builder().loadByte(2000).accept().build()))
                .isFalse();
    }

    @Test
    void jumpsAsFarAsTheyReach() {
        assertThat(passes(farJump(255))).isTrue();
        assertThatIllegalStateException()
                .isThrownBy(() -> farJump(256))
                .withMessage("label \"accept\" is 256 instructions after its jump, which reaches 0 to 255");
    }

    private static SocketFilter farJump(int distance) {
        SocketFilter.Builder builder =
                SocketFilter.builder().loadByte(SocketFilter.NETWORK + TTL).jumpIfEqual(64, "accept");
        for (int i = 0; i < distance; i++) {
            builder.refuse();
        }
        return builder.label("accept").accept().build();
    }

    @Test
    void unconditionalJumpReachesAnywhere() {
        SocketFilter.Builder builder = SocketFilter.builder().jump("accept");
        for (int i = 0; i < 4094; i++) {
            builder.refuse();
        }
        SocketFilter longest = builder.label("accept").accept().build();

        assertThat(longest.length()).isEqualTo(4096);
        assertThat(passes(longest)).isTrue();
        assertThatIllegalStateException()
                .isThrownBy(() -> builder.accept().build())
                .withMessage("a filter has 1 to 4096 instructions, not 4097");
    }

    @Test
    void refusesLabelsThatLeadNowhere() {
        assertThatIllegalStateException()
                .isThrownBy(
                        () -> SocketFilter.builder().jump("missing").accept().build())
                .withMessage("label \"missing\" names no instruction");
        assertThatIllegalStateException()
                .isThrownBy(() ->
                        SocketFilter.builder().jump("end").accept().label("end").build())
                .withMessage("label \"end\" names no instruction");
        assertThatIllegalStateException()
                .isThrownBy(() -> SocketFilter.builder()
                        .label("back")
                        .accept()
                        .jump("back")
                        .build())
                .withMessageStartingWith("label \"back\" is -2 instructions after its jump");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SocketFilter.builder().label("twice").accept().label("twice"));
        assertThatIllegalStateException()
                .isThrownBy(() -> SocketFilter.builder().build());
    }

    @Test
    void detachReceivesEverythingAgain() {
        assertThat(passes(SocketFilter.refuseAll())).isFalse();

        SocketFilter.detach(receiver.fd());

        assertThat(frameArrives()).isTrue();
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> SocketFilter.detach(receiver.fd()))
                .withMessage("setsockopt(SO_DETACH_FILTER): ENOENT (No such file or directory)");
    }

    @Test
    void saysWhatCouldNotBeAttached() {
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> SocketFilter.refuseAll().attach(-1))
                .withMessage("setsockopt(SO_ATTACH_FILTER, 1 instructions): EBADF (Bad file descriptor)");
    }

    private void assertPassesOnlyIfEqual(UnaryOperator<SocketFilter.Builder> load, int value) {
        assertThat(passes(equal(load, value))).isTrue();
        assertThat(passes(equal(load, value + 1))).isFalse();
    }

    private static SocketFilter equal(UnaryOperator<SocketFilter.Builder> load, int value) {
        return load.apply(SocketFilter.builder())
                .jumpIfEqual(value, "accept")
                .refuse()
                .label("accept")
                .accept()
                .build();
    }

    private static SocketFilter compare(UnaryOperator<SocketFilter.Builder> jump) {
        return jump.apply(SocketFilter.builder().loadByte(SocketFilter.NETWORK + TTL))
                .refuse()
                .label("accept")
                .accept()
                .build();
    }

    private boolean passes(SocketFilter filter) {
        receiver.attach(filter);
        return frameArrives();
    }

    /** Sends the frame and a marker after it: once {@code witness} has the marker, the frame has arrived or has not. */
    private boolean frameArrives() {
        byte[] packet = Packets.ipv4("192.0.2.1", "192.0.2.2", Packets.EXPERIMENTAL, Packets.pattern(100));
        send(PacketSocket.ETH_P_IP, packet);
        send(MARKER, new byte[46]);
        Buffers.awaitReadable(witness.fd());
        buffers.prepareReceive();
        assertThat(witness.receive(buffers.batch, 0, 1)).isEqualTo(1);

        buffers.prepareReceive();
        int received = receiver.receive(buffers.batch, 0, 1);
        assertThat(received).isIn(1, -Errno.EAGAIN);
        return received == 1;
    }

    private void send(int etherType, byte[] payload) {
        buffers.fill(0, Packets.ethernet("02:00:00:00:00:77", "02:00:00:00:00:01", etherType, payload));
        buffers.batch.packetAddress(0, near, etherType);
        assertThat(sender.send(buffers.batch, 0, 1)).isEqualTo(1);
    }
}
