package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.Errno;
import io.culvert.testing.Allocations;
import io.culvert.testing.Hex;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.PptpOptions;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.TestTunnels;
import io.culvert.tunnel.TunnelTable;
import io.culvert.tunnel.Verdict;
import io.culvert.wire.AsyncHdlc;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A pty with the test in pppd's place. */
@Timeout(120)
final class PtyPortTest {

    private static final int HEADER = VirtioHeader.LENGTH;
    private static final int CAPACITY = 1 << 17;

    /** The kernel hands octets on in a thread of its own, which a busy machine keeps waiting. */
    private static final int PATIENCE_MILLIS = 20_000;

    private final PtyPort port = PtyPort.open();
    private final TunIngress ingress = new TunIngress(new TableHolder());
    private final SlotPool pool = new SlotPool(64);
    private final Slots slots = new Slots(pool);
    private final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(CAPACITY));
    private RandomAccessFile slave;

    PtyPortTest() throws IOException {
        port.tunnel(TestTunnels.tunnel(TestTunnels.spec(Mode.PPTP).pptp(new PptpOptions(1, 2)), port));
        ingress.add(port);
        slave = new RandomAccessFile(port.slave().toFile(), "rw");
    }

    @AfterEach
    void close() throws IOException {
        slave.close();
        ingress.close();
        port.close();
        pool.close();
    }

    private static byte[] frame(int number, int length) {
        byte[] frame = new byte[length];
        Arrays.fill(frame, (byte) number);
        frame[0] = (byte) 0xff;
        return frame;
    }

    private static byte[] encoded(byte[] frame) {
        UnsafeBuffer ring = new UnsafeBuffer(new byte[CAPACITY]);
        long end = AsyncHdlc.encode(new UnsafeBuffer(frame), 0, frame.length, ring, 0, CAPACITY - 1);
        return Arrays.copyOf(ring.byteArray(), (int) end);
    }

    private int write(byte[] frame) {
        memory.putBytes(HEADER, frame);
        return port.write(memory.addressOffset(), HEADER + frame.length);
    }

    /** What the path's thread finds until it has so many, and would sleep. */
    private List<String> receive(int wanted, int batch) {
        List<String> found = new ArrayList<>();
        while (true) {
            int received = ingress.receive(slots, batch);
            for (int i = 0; i < received; i++) {
                Slot slot = slots.get(i);
                byte[] bytes = new byte[slot.length];
                slot.buffer.getBytes(slot.offset, bytes);
                found.add(
                        slot.verdict == Verdict.DROP
                                ? slot.dropReason.word()
                                : Hex.text(Arrays.copyOf(bytes, 2)) + "*" + bytes.length);
            }
            int patienceMillis = found.size() < wanted ? PATIENCE_MILLIS : 20;
            if (received == 0 && !ingress.await(patienceMillis)) {
                return found;
            }
        }
    }

    /** One read brings several; none may wait until pppd writes again. */
    @Test
    void leavesNoFrameBehindWhateverTheBatch() throws IOException {
        for (int batch : new int[] {1, 2, 5, 64}) {
            for (int round = 0; round < 9; round++) {
                for (int i = 0; i < 20; i++) {
                    slave.write(encoded(frame(i, 40 + i)));
                }
                assertThat(receive(20, batch))
                        .as("batch %d, round %d", batch, round)
                        .hasSize(20);
            }
        }
    }

    /** The same where the terminal takes nothing, so that not even the room in it wakes the path; more than a turn has. */
    @Test
    void leavesNoFrameBehindWhileTheProgramReadsNothing() throws IOException {
        while (write(frame(1, 1400)) > 0) {
            // Until nothing fits any more.
        }
        for (int round = 0; round < 9; round++) {
            byte[] several = new byte[0];
            for (int i = 0; i < 100; i++) {
                byte[] encoded = encoded(frame(i, 10));
                byte[] more = Arrays.copyOf(several, several.length + encoded.length);
                System.arraycopy(encoded, 0, more, several.length, encoded.length);
                several = more;
            }
            slave.write(several);
            assertThat(receive(100, 1)).as("round %d", round).hasSize(100);
        }
    }

    @Test
    void keepsTheOrderAndDropsWhatIsNoFrameByName() throws IOException {
        byte[] damaged = encoded(frame(2, 30));
        damaged[10] ^= 1;
        slave.write(encoded(frame(1, 50)));
        slave.write(damaged);
        slave.write(encoded(frame(3, 60)));
        slave.write(Hex.bytes("ff7d23c0217d7e"));
        slave.write(Hex.bytes("7e7e7e"));
        slave.write(Hex.bytes("ff7d23 7e"));
        byte[] last = encoded(frame(4, 1500));
        slave.write(last, 0, 700);
        List<String> found = receive(5, 64);
        slave.write(last, 700, last.length - 700);
        found.addAll(receive(1, 64));

        assertThat(found)
                .containsExactly("ff01*50", "frame_fcs", "ff03*60", "frame_aborted", "frame_malformed", "ff04*1500");
    }

    @Test
    void dropsWhatIsTooLongAndFindsTheNextFrame() throws Exception {
        byte[] tooLong = new byte[200_000];
        Arrays.fill(tooLong, (byte) 'x');
        Thread writer = Thread.ofVirtual().start(() -> {
            try {
                slave.write(tooLong);
                slave.write(encoded(frame(5, 100)));
                slave.write(encoded(frame(6, AsyncHdlc.MAX_FRAME + 1)));
                slave.write(encoded(frame(7, AsyncHdlc.MAX_FRAME)));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        List<String> found = receive(4, 64);
        writer.join();

        assertThat(found)
                .containsExactly("frame_too_long", "ff05*100", "frame_too_long", "ff07*" + AsyncHdlc.MAX_FRAME);
        assertThat(DropReason.FRAME_TOO_LONG.word()).isEqualTo("frame_too_long");
    }

    @Test
    void handsFramesToTheProgram() throws IOException {
        byte[] frame = Hex.bytes("ff03c0217e7d0a0d");
        assertThat(write(frame)).isEqualTo(HEADER + frame.length);

        byte[] read = new byte[encoded(frame).length];
        slave.readFully(read);
        assertThat(read).isEqualTo(encoded(frame));
    }

    /** The terminal takes some kilobytes at once; what it has no room for comes when the program has read, by itself. */
    @Test
    void bringsTheRestWhenTheProgramReads() throws Exception {
        byte[] all = new byte[0];
        for (int i = 0; i < 60; i++) {
            byte[] frame = frame(i + 40, 1400);
            assertThat(write(frame)).isPositive();
            byte[] encoded = encoded(frame);
            byte[] more = Arrays.copyOf(all, all.length + encoded.length);
            System.arraycopy(encoded, 0, more, all.length, encoded.length);
            all = more;
        }
        int total = all.length;
        byte[] read = new byte[total];
        Thread reader = Thread.ofPlatform().start(() -> {
            try {
                slave.readFully(read);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        while (reader.isAlive()) {
            receive(0, 64);
        }

        assertThat(read).isEqualTo(all);
    }

    @Test
    void refusesWhatAProgramDoesNotRead() {
        int taken = 0;
        int outcome = write(frame(65, 1400));
        while (outcome > 0 && taken < 1000) {
            taken++;
            outcome = write(frame(65, 1400));
        }

        assertThat(outcome).isEqualTo(-Errno.ENOBUFS);
        assertThat(taken).isBetween(100, 300);
        Slot slot = pool.get(0);
        slot.received(TunnelTable.EMPTY, 1400);
        slot.tunnel = port.tunnel();
        assertThat(InnerOutput.write(slot)).isEqualTo(DropReason.PTY_FULL);
    }

    /** Not a turn of the loop while nobody is there, and nothing of what came then for the next program. */
    @Test
    void waitsForTheNextProgramWithoutTurning() throws IOException {
        assertThat(write(frame(1, 20))).isPositive();
        slave.readFully(new byte[encoded(frame(1, 20)).length]);
        slave.write(encoded(frame(1, 30)));
        assertThat(receive(1, 64)).containsExactly("ff01*30");
        slave.close();
        assertThat(receive(0, 64)).isEmpty();
        assertThat(port.isHungUp()).isTrue();
        for (int i = 0; i < 5; i++) {
            assertThat(ingress.await(20)).isFalse();
        }
        assertThat(write(frame(2, 20))).isEqualTo(-Errno.EIO);

        slave = new RandomAccessFile(port.slave().toFile(), "rw");

        byte[] frame = frame(3, 40);
        assertThat(write(frame)).isPositive();
        slave.write(encoded(frame(4, 50)));
        assertThat(receive(1, 64)).containsExactly("ff04*50");
        assertThat(port.isHungUp()).isFalse();
        byte[] read = new byte[encoded(frame).length];
        slave.readFully(read);
        assertThat(read).isEqualTo(encoded(frame));
    }

    @Test
    void allocatesNothingForAFrame() {
        byte[] encoded = encoded(frame(9, 200));
        memory.putBytes(HEADER, frame(8, 200));
        byte[] sink = new byte[4096];
        long allocated = Allocations.inBytes(() -> {
            for (int i = 0; i < 20_000; i++) {
                try {
                    slave.write(encoded);
                    if (ingress.receive(slots, 64) == 0) {
                        ingress.await(100);
                    }
                    port.write(memory.addressOffset(), HEADER + 200);
                    slave.read(sink);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
        });

        assertThat(allocated).isZero();
    }
}
