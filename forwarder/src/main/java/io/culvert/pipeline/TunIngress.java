package io.culvert.pipeline;

import io.culvert.linux.Errno;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelTable;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The encapsulation path's ingress stage: reads inner packets from the TUN devices and pseudo-terminals and gives each the numbers that go in
 * the order of arrival. The path's thread; {@link #add} and {@link #remove} belong to the conductor.
 */
final class TunIngress implements IngressStage, AutoCloseable {

    /** Of so many wake-ups that find one packet, one looks for a second. */
    private static final int PROBE = 8;

    /** Packets of one port before it is the next one's turn, whatever the batch. */
    private static final int LONGEST_TURN = 64;

    private final ReadySet<InnerPort> ports = new ReadySet<>();
    private final TableHolder tables;
    private final AtomicInteger published = new AtomicInteger();
    private int identification;

    /** Packets that the current port has had in its turn. */
    private int turn;

    /** Turns of one packet or none since the last longer one. */
    private int singleTurns;

    TunIngress(TableHolder tables) {
        this.tables = tables;
        identification = (int) System.nanoTime();
        published.set(identification);
    }

    void add(InnerPort port) {
        ports.add(port.fd(), port.events(), port);
    }

    void remove(InnerPort port) {
        ports.remove(port.fd(), port);
    }

    /** The outer identification that the next packet gets, as of the last batch; any thread. */
    int nextIdentification() {
        return published.get();
    }

    @Override
    public int receive(Slots slots, int max) {
        TunnelTable table = tables.current();
        int received = 0;
        InnerPort port;
        while (received < max && (port = ports.current()) != null) {
            Slot slot = slots.get(received);
            int headers = InnerHeader.length(port);
            int bytes = port.read(slot.address + Slot.HEADROOM - headers, headers + Slot.MAX_PACKET);
            if (bytes > headers) {
                accept(slot, table, port, bytes - headers);
                received++;
                turn++;
                // What a port holds itself no descriptor tells of: it would lie there until more comes.
                if (turn >= longestTurn() && !port.holdsInput()) {
                    endTurn();
                    ports.postpone(port.fd(), port.events());
                }
            } else if (bytes != -Errno.EINTR) {
                endTurn();
                ports.drained();
            }
        }
        published.setRelease(identification);
        return received;
    }

    /**
     * How many packets are read from a port before it is the next one's turn. As long as each wake-up finds one packet, a
     * second read would find nothing, so it is only tried now and then.
     */
    private int longestTurn() {
        return singleTurns % PROBE == 0 ? LONGEST_TURN : 1;
    }

    private void endTurn() {
        singleTurns = turn > 1 ? 0 : singleTurns + 1;
        turn = 0;
    }

    private void accept(Slot slot, TunnelTable table, InnerPort port, int length) {
        Tunnel tunnel = port.tunnel();
        slot.received(table, length);
        InnerHeader.load(slot, port);
        slot.tunnel = tunnel;
        DropReason refusal = port.refusal();
        if (refusal != null) {
            slot.drop(refusal);
        }
        if (slot.gsoType != 0) {
            slot.segments = Segmenter.count(slot);
        } else {
            int innerMtu = tunnel.outerHeader().innerMtu();
            slot.segments = length <= innerMtu ? 1 : FragmentOutput.count(length, innerMtu);
        }
        slot.identification = identification;
        identification += slot.segments;
        if (tunnel.spec().mode().isProtected()) {
            slot.espSequence = tunnel.associations().takeSequence(slot.segments, length);
        }
    }

    @Override
    public boolean await(int timeoutMillis) {
        return ports.await(timeoutMillis);
    }

    @Override
    public void wakeUp() {
        ports.wakeUp();
    }

    @Override
    public void close() {
        ports.close();
    }
}
