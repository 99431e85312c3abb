package io.culvert.pipeline;

import io.culvert.tunnel.TunnelTable;

/** The tunnel table in force: the conductor publishes, the paths read it once a batch. */
public final class TableHolder {

    private volatile TunnelTable table = TunnelTable.EMPTY;

    /** The table in force; any thread. */
    public TunnelTable current() {
        return table;
    }

    /** Puts a table in force; the conductor. */
    public void publish(TunnelTable next) {
        table = next;
    }
}
