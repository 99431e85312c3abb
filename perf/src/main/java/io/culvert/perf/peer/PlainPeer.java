package io.culvert.perf.peer;

import org.jspecify.annotations.Nullable;

/** The link itself, without a tunnel: what the hosts and this machine can do. */
final class PlainPeer implements Peer {

    @Override
    public String id() {
        return "plain";
    }

    @Override
    public String version() {
        return "veth of Linux " + System.getProperty("os.version");
    }

    @Override
    public @Nullable String missing() {
        return null;
    }

    @Override
    public OuterFormat format() {
        return OuterFormat.PLAIN;
    }

    @Override
    public boolean takesMergedPackets() {
        return true;
    }

    @Override
    public Ends start(Bed bed) {
        return new Ends(bed.left().address(), bed.right().address());
    }
}
