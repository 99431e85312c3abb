package io.culvert.offload;

import io.culvert.linux.Epoll;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.Poll;
import io.culvert.linux.bpf.BpfProgram;
import io.culvert.linux.bpf.TcxLink;
import io.culvert.linux.socket.MessageBatch;
import io.culvert.linux.socket.PacketSocket;
import io.culvert.linux.socket.SocketFilter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Proves the egress program on this kernel: encapsulated super-packets of two segments, IPv4 and IPv6, go out of the
 * loopback device and must come in, whole with their segment size, or as two segments. Unlabelled, the kernel refuses
 * them. The program is attached once for all: each attaching, detaching and closing waits for the kernel's readers, some
 * ten milliseconds.
 */
final class SuperLaneSelfTest implements AutoCloseable {

    private static final int LOOPBACK_INDEX = 1;
    private static final int TIMEOUT_MILLIS = 1000;

    /** Closed from the last to the first. */
    private final List<AutoCloseable> opened = new ArrayList<>();

    private final PacketSocket receiver;
    private final PacketSocket sender;
    private final MessageBatch batch;
    private final MemorySegment packet = Arena.ofAuto().allocate(SelfTestPacket.MAX_LENGTH, Long.BYTES);
    private final MemorySegment received = Arena.ofAuto().allocate(SelfTestPacket.MAX_LENGTH, Long.BYTES);

    /**
     * Attaches the program to the loopback device.
     *
     * @throws ErrnoException if the kernel lacks something
     */
    SuperLaneSelfTest(ProgramHook hook, BpfProgram egress) {
        try {
            opened.add(hook.attach(egress, LOOPBACK_INDEX, TcxLink.EGRESS));
            batch = opened(new MessageBatch(1, 1, MessageBatch.NAME_CAPACITY, 0));
            receiver = opened(PacketSocket.open(0));
            receiver.attach(likeTestPackets());
            receiver.setIgnoreOutgoing(true);
            receiver.bind(LOOPBACK_INDEX, PacketSocket.ETH_P_ALL);
            sender = opened(PacketSocket.open(0));
            sender.setVnetHeader(true);
            sender.setMark(TunnelGsoProgram.MARK);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private <T extends AutoCloseable> T opened(T resource) {
        opened.add(resource);
        return resource;
    }

    /**
     * Proves outer IPv4.
     *
     * @throws ErrnoException if the kernel refuses the packet
     * @throws IllegalStateException if it does not arrive
     */
    void proveIpv4() {
        prove(SelfTestPacket.IPV4);
    }

    /** Proves outer IPv6, as {@link #proveIpv4} does outer IPv4. */
    void proveIpv6() {
        prove(SelfTestPacket.IPV6);
        prove(SelfTestPacket.LIMITED_IPV6);
    }

    private void prove(int outerLength) {
        for (boolean innerIpv6 : new boolean[] {false, true}) {
            SelfTestPacket test = new SelfTestPacket(outerLength, innerIpv6);
            packet.fill((byte) 0);
            test.write(packet);
            batch.iovec(0, 0, packet.address(), test.length());
            batch.packetAddress(0, LOOPBACK_INDEX, test.etherType());
            ErrnoException.check(sender.send(batch, 0, 1), "send(super-packet to the loopback device)");
            awaitArrival(test);
        }
    }

    /** Passes over what else arrives, such as the other segment of the test before. */
    private void awaitArrival(SelfTestPacket test) {
        UnsafeBuffer frame = new UnsafeBuffer(received.address(), SelfTestPacket.MAX_LENGTH);
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MILLIS);
        do {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0 || Poll.await(receiver.fd(), Epoll.IN, (int) left) <= 0) {
                throw new IllegalStateException("the labelled super-packet did not arrive: is the loopback device up?");
            }
            batch.iovec(0, 0, received.address(), SelfTestPacket.MAX_LENGTH);
            batch.prepareReceive(0, 1);
        } while (receiver.receive(batch, 0, 1) <= 0 || !test.isIn(frame));
    }

    /** What has the TTL or hop limit of the test packets. */
    private static SocketFilter likeTestPackets() {
        return SocketFilter.builder()
                .loadHalf(SelfTestPacket.LINK_LENGTH - Short.BYTES)
                .jumpIfNotEqual(PacketSocket.ETH_P_IP, "IPv6")
                .loadByte(SelfTestPacket.LINK_LENGTH + 8)
                .jumpIfNotEqual(SelfTestPacket.TTL, "refuse")
                .accept()
                .label("IPv6")
                .jumpIfNotEqual(PacketSocket.ETH_P_IPV6, "refuse")
                .loadByte(SelfTestPacket.LINK_LENGTH + 7)
                .jumpIfNotEqual(SelfTestPacket.TTL, "refuse")
                .accept()
                .label("refuse")
                .refuse()
                .build();
    }

    @Override
    public void close() {
        Collections.reverse(opened);
        CloseHelper.quietCloseAll(opened);
        opened.clear();
    }
}
