package io.culvert.pipeline;

import io.culvert.tunnel.TunnelTable;

/**
 * The decapsulation path's ingress stage: receives outer packets from the sockets. The path's thread; {@link #add} and
 * {@link #remove} belong to the conductor.
 */
final class OuterIngress implements IngressStage, AutoCloseable {

    private final ReadySet<OuterSource> sources = new ReadySet<>();
    private final TableHolder tables;

    OuterIngress(TableHolder tables) {
        this.tables = tables;
    }

    void add(OuterSource source) {
        sources.add(source.fd(), source);
    }

    void remove(OuterSource source) {
        sources.remove(source.fd(), source);
    }

    @Override
    public int receive(Slots slots, int max) {
        TunnelTable table = tables.current();
        int received = 0;
        OuterSource source;
        while (received < max && (source = sources.current()) != null) {
            received += source.receive(slots, received, max - received, table);
            // Empty or not, it is the next one's turn: a socket that is never empty must not keep the others waiting.
            sources.drained();
        }
        return received;
    }

    @Override
    public boolean await(int timeoutMillis) {
        return sources.await(timeoutMillis);
    }

    @Override
    public void wakeUp() {
        sources.wakeUp();
    }

    @Override
    public void close() {
        sources.close();
    }
}
