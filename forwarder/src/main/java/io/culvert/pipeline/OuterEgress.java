package io.culvert.pipeline;

import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import io.culvert.offload.TunnelGsoProgram;
import io.culvert.tunnel.Counters;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Slot;
import org.jspecify.annotations.Nullable;

/**
 * The encapsulation path's egress stage: sends outer packets by the packet socket where the next hop is resolved, else by
 * the raw socket, answers senders, and counts.
 */
final class OuterEgress implements EgressStage, AutoCloseable {

    private final PathCounters counters;
    private final @Nullable PacketQueue packets;
    private final RawQueue rawIpv4;

    /** Null on a host without IPv6, which has no route over it either. */
    private final @Nullable RawQueue rawIpv6;

    private final SoftErrorReport softErrors = new SoftErrorReport();
    private final FragmentOutput fragments;
    private final OuterFragmentOutput outerFragments;

    /**
     * @param withPacketSocket whether to use a packet socket at all
     * @param errors gets unexpected exceptions
     * @throws io.culvert.linux.ErrnoException if the kernel refuses a socket
     */
    OuterEgress(PathCounters counters, boolean withPacketSocket, PathErrors errors) {
        this.counters = counters;
        packets = withPacketSocket ? PacketQueue.open(TunnelGsoProgram.MARK, errors) : null;
        rawIpv4 = new RawQueue(false, errors);
        rawIpv6 = openIpv6(errors);
        fragments = new FragmentOutput(this);
        outerFragments = new OuterFragmentOutput(this);
    }

    private static @Nullable RawQueue openIpv6(PathErrors errors) {
        try {
            return new RawQueue(true, errors);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EAFNOSUPPORT) {
                return null;
            }
            throw e;
        }
    }

    @Override
    public void send(Slot slot) {
        switch (slot.verdict) {
            case IGNORE, TAKEN -> {}
            case FORWARD -> {
                counters.received();
                softErrors.report(slot);
                queue(slot);
            }
            case FRAGMENT -> {
                counters.received();
                softErrors.report(slot);
                fragments.send(slot);
            }
            case ANSWER -> {
                counters.received();
                answer(slot);
            }
            case DROP -> {
                counters.received();
                slot.tunnel().encapCounters().dropped(slot.dropReason);
            }
        }
    }

    /** Numbers and queues an encapsulated packet; packets of one flow stay in order even when the lane changes between them. */
    void queue(Slot slot) {
        slot.outerHeader().number(slot);
        if (slot.outerFragments) {
            outerFragments.send(slot);
        } else {
            enqueue(slot);
        }
    }

    /** Queues a packet that is ready to be sent. */
    void enqueue(Slot slot) {
        RawQueue raw = rawIpv6 != null && slot.outerHeader().isIpv6() ? rawIpv6 : rawIpv4;
        if (packets != null && slot.outerHeader().isResolved()) {
            raw.flush();
            if (slot.sealedSegments > 0) {
                packets.addSealed(slot);
            } else if (slot.gsoType == 0 || (slot.outerHeader().isSuper() && slot.length <= Slot.MAX_PACKET)) {
                packets.add(slot);
            } else {
                packets.addSegments(slot);
            }
            return;
        }
        if (packets != null) {
            packets.flush();
        }
        if (slot.sealedSegments > 0) {
            raw.addSealed(slot);
        } else if (slot.gsoType == 0) {
            raw.add(slot);
        } else {
            raw.addSegments(slot);
        }
    }

    private static void answer(Slot slot) {
        Counters own = slot.tunnel().encapCounters();
        DropReason refusal = InnerOutput.write(slot);
        if (refusal == null) {
            own.answered();
        } else {
            own.dropped(refusal);
        }
    }

    @Override
    public void failed(Slot slot) {
        slot.tunnel().encapCounters().dropped(DropReason.INTERNAL);
    }

    @Override
    public void flush() {
        if (packets != null) {
            packets.flush();
        }
        rawIpv4.flush();
        if (rawIpv6 != null) {
            rawIpv6.flush();
        }
    }

    @Override
    public void close() {
        if (packets != null) {
            packets.close();
        }
        rawIpv4.close();
        if (rawIpv6 != null) {
            rawIpv6.close();
        }
        fragments.close();
        outerFragments.close();
    }
}
