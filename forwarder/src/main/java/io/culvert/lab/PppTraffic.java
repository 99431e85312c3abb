package io.culvert.lab;

import io.culvert.wire.Ipv4Flyweight;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Packets in frames between the ptys of a tunnel, in the place of a pppd at each: no kernel needs PPP for it. One thread.
 */
final class PppTraffic implements Traffic {

    /** Address, control and protocol of IPv4, RFC 1662 section 3.1 and RFC 1332 section 2. */
    private static final int PPP_HEADER = 0xff03_0021;

    private static final int PPP_LENGTH = 4;
    private static final int TTL = 64;

    /** For experiments, RFC 3692 section 2.1. */
    private static final int PROTOCOL = 253;

    /** Bytes of a packet behind its header that leave room for the tunnel's headers. */
    private static final int LARGE = 1400;

    /** Frames on their way at a time, for which a terminal has room. */
    private static final int WINDOW = 16;

    private final PtyLine left;
    private final PtyLine right;

    /** The tunnel has that name in both gateways. */
    PppTraffic(LabGateway one, LabGateway other, String tunnel) {
        left = new PtyLine(one.pty(tunnel));
        right = new PtyLine(other.pty(tunnel));
    }

    @Override
    public Ping.Summary ping(int count, int payload) {
        double[] millis = new double[count];
        for (int i = 0; i < count; i++) {
            byte[] frame = frame(i, payload);
            long start = System.nanoTime();
            left.send(frame);
            take(right, frame);
            right.send(frame);
            take(left, frame);
            millis[i] = (System.nanoTime() - start) / 1e6;
        }
        Arrays.sort(millis);
        return new Ping.Summary(count, count, millis[count / 2]);
    }

    @Override
    public double gigabitsPerSecond(Duration time) {
        long start = System.nanoTime();
        int number = 0;
        while (System.nanoTime() - start < time.toNanos()) {
            for (int i = 0; i < WINDOW; i++) {
                left.send(frame(number + i, LARGE));
            }
            for (int i = 0; i < WINDOW; i++) {
                take(right, frame(number + i, LARGE));
            }
            number += WINDOW;
        }
        return (double) number * LARGE * Byte.SIZE / (System.nanoTime() - start);
    }

    private static void take(PtyLine line, byte[] frame) {
        if (!Arrays.equals(line.receive(), frame)) {
            throw new LabException("a frame is lost, late or damaged");
        }
    }

    /** A packet to nobody, with a number in front of its payload. */
    private static byte[] frame(int number, int payload) {
        int length = Ipv4Flyweight.MIN_HEADER_LENGTH + payload;
        byte[] frame = new byte[PPP_LENGTH + length];
        ByteBuffer.wrap(frame).putInt(PPP_HEADER).putInt(frame.length - payload, number);
        new Ipv4Flyweight()
                .wrap(new UnsafeBuffer(frame), PPP_LENGTH)
                .headerLength(Ipv4Flyweight.MIN_HEADER_LENGTH)
                .totalLength(length)
                .ttl(TTL)
                .protocol(PROTOCOL)
                .updateChecksum();
        return frame;
    }

    @Override
    public void close() {
        try (left) {
            right.close();
        }
    }
}
