package io.culvert.tunnel;

import io.culvert.esp.AssociationSet;
import io.culvert.esp.AssociationStore;
import io.culvert.icmp.OuterError;
import io.culvert.wire.Addresses;
import io.culvert.wire.L2tpv3Flyweight;
import java.net.Inet6Address;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A tunnel that carries packets: its specification, its outer header, its counters. The specification never changes; the
 * outer header is replaced by the conductor when the route to the remote changes.
 */
public final class Tunnel {

    private final TunnelSpec spec;
    private final InnerDevice device;
    private final int deviceIndex;
    private final int local;
    private final int remote;
    private final long remoteHigh;
    private final long remoteLow;
    private final int boundIndex;
    private final int encapPort;
    private final boolean group;
    private final AssociationSet associations;
    private final Encapsulator encapsulator;
    private final InnerFilter innerFilter;
    private final State state;
    private final @Nullable Peers peers;
    private final @Nullable SixRd sixRd;
    private final @Nullable Isatap isatap;
    private final @Nullable RouterSolicitor routerSolicitor;
    private volatile OuterHeader outerHeader;

    /** What outlives a change of the specification. */
    private static final class State {
        private final Counters encapCounters = new Counters();
        private final Counters decapCounters = new Counters();
        private final SoftErrors softErrors = new SoftErrors();
        private final IcmpCounters icmpCounters = new IcmpCounters();
        private final SequenceWindow sequenceWindow = new SequenceWindow();
        private final PptpCall call = new PptpCall(sequenceWindow);
        private final AssociationStore associations = new AssociationStore();
        private final KeepaliveReturns keepalives = new KeepaliveReturns();
        private int outputSequence;
    }

    /**
     * @param spec what the user asked for, without problems
     * @param device the inner side
     * @param deviceIndex interface index of the inner side
     * @param boundIndex interface index of {@code spec.dev()}, or 0
     * @throws io.culvert.esp.EspException if a security association's key cannot be read
     */
    public Tunnel(TunnelSpec spec, InnerDevice device, int deviceIndex, int boundIndex) {
        this(spec, device, deviceIndex, boundIndex, new State());
    }

    private Tunnel(TunnelSpec spec, InnerDevice device, int deviceIndex, int boundIndex, State state) {
        this.state = state;
        this.spec = spec;
        this.device = device;
        this.deviceIndex = deviceIndex;
        this.boundIndex = boundIndex;
        encapPort = spec.encap() == null ? 0 : spec.encap().receivingPort();
        group = spec.hasGroup();
        local = Addresses.toInt(spec.local());
        remote = Addresses.toInt(spec.remote());
        ByteBuffer ipv6 = ByteBuffer.wrap(
                spec.remote() instanceof Inet6Address address ? address.getAddress() : new byte[2 * Long.BYTES]);
        remoteHigh = ipv6.getLong();
        remoteLow = ipv6.getLong();
        associations = state.associations.open(spec.sa());
        encapsulator = ModeRegistry.encapsulator(spec, associations);
        innerFilter = new InnerFilter(spec.innerSource());
        sixRd = spec.mode() == Mode.SIT ? new SixRd(spec.sit()) : null;
        isatap = spec.mode() == Mode.ISATAP ? new Isatap(spec.sit()) : null;
        routerSolicitor = isatap == null ? null : new RouterSolicitor(this, isatap);
        peers = spec.isMultipoint() ? new Peers(this) : null;
        outerHeader = OuterHeader.of(this, OuterRoute.unusable(DropReason.NO_ROUTE));
    }

    /**
     * The same tunnel with another specification: it keeps device, counters, sequence numbers, and the security
     * associations that both have.
     *
     * @throws io.culvert.esp.EspException if a security association's key cannot be read
     */
    public Tunnel changed(TunnelSpec changedSpec, int changedBoundIndex) {
        Tunnel changed = new Tunnel(changedSpec, device, deviceIndex, changedBoundIndex, state);
        if (changed.peers != null && peers != null) {
            changed.peers.takeOver(peers);
        }
        return changed;
    }

    /** Where the packets of a tunnel without a remote go; null if it has one. */
    public @Nullable Peers peers() {
        return peers;
    }

    /** The same tunnel on another device: it keeps counters and sequence numbers. */
    public Tunnel on(InnerDevice otherDevice, int otherIndex, int otherBoundIndex) {
        return new Tunnel(spec, otherDevice, otherIndex, otherBoundIndex, state);
    }

    public TunnelSpec spec() {
        return spec;
    }

    public InnerDevice device() {
        return device;
    }

    /** Interface index of the tunnel's device. */
    public int deviceIndex() {
        return deviceIndex;
    }

    /** Outer IPv4 source, host order; 0 for any. */
    public int local() {
        return local;
    }

    /** Outer IPv4 destination, host order; 0 for any. */
    public int remote() {
        return remote;
    }

    /** Whether the outer destination is a multicast group. */
    public boolean hasGroup() {
        return group;
    }

    /** Whether the outer destination is that IPv6 address, host order. */
    public boolean isRemote(long high, long low) {
        return remoteHigh == high && remoteLow == low;
    }

    /** Underlay device that the tunnel is bound to; 0 for any. */
    public int boundIndex() {
        return boundIndex;
    }

    /** UDP port at which its packets are received; 0 if there is no UDP between the headers. */
    int encapPort() {
        return encapPort;
    }

    /** Bytes that encapsulation adds to an inner packet. */
    public int overhead() {
        return outerHeader.length();
    }

    /** Written by the encapsulation path's egress stage. */
    public Counters encapCounters() {
        return state.encapCounters;
    }

    /** Written by the decapsulation path's egress stage. */
    public Counters decapCounters() {
        return state.decapCounters;
    }

    /** ICMP errors about its outer packets; any thread. */
    public IcmpCounters icmpCounters() {
        return state.icmpCounters;
    }

    /** ICMP errors that its inner senders have not been told of. */
    public SoftErrors softErrors() {
        return state.softErrors;
    }

    /**
     * The header of those of its outer packets that an ICMP error quotes; null if it sends none like that. Nobody may send
     * one about a packet to a group, RFC 1122 section 3.2.2.
     */
    public @Nullable OuterHeader quotedBy(OuterError error) {
        if (group) {
            return null;
        }
        OuterHeader header = peers == null ? outerHeader : peers.headerTo(error.ipv4Destination());
        return header != null && header.isQuotedBy(error) ? header : null;
    }

    /** Whether a packet with that sequence number is accepted; called by the decapsulation path's egress stage only. */
    public boolean acceptSequence(int sequence) {
        return spec.mode() == Mode.PPTP ? state.call.accept(sequence) : state.sequenceWindow.accept(whole(sequence));
    }

    /** Whether {@link #acceptSequence} would say so; any thread. */
    public boolean wouldAcceptSequence(int sequence) {
        return spec.mode() == Mode.PPTP
                ? state.call.wouldAccept(sequence)
                : state.sequenceWindow.wouldAccept(whole(sequence));
    }

    private int whole(int sequence) {
        return spec.mode().isL2tp() ? state.sequenceWindow.extend(sequence, L2tpv3Flyweight.SEQUENCE_BITS) : sequence;
    }

    /** The receiving end of its call; of other modes than pptp it has received nothing. */
    public PptpCall call() {
        return state.call;
    }

    /** How often sequence numbers were followed to where the sender had jumped; any thread. */
    public int sequenceRestarts() {
        return state.sequenceWindow.restarts();
    }

    /**
     * Takes the next sequence numbers to send; called by the encapsulation path's egress stage only.
     *
     * @param count how many outer packets need one
     * @return the first of them
     */
    public int takeOutputSequence(int count) {
        int first = state.outputSequence;
        state.outputSequence += count;
        return first;
    }

    /** The outer header as of now; any thread. */
    public OuterHeader outerHeader() {
        return outerHeader;
    }

    /** Sends by another route from now on; called by the conductor. */
    public void route(OuterRoute route) {
        if (!outerHeader.route().equals(route)) {
            outerHeader = OuterHeader.of(this, route);
        }
    }

    /** The address that the device must have on its link; null but for mode isatap. */
    public @Nullable Prefix linkLocal() {
        return isatap == null ? null : new Prefix(Isatap.linkLocal(local), Long.SIZE);
    }

    /** What asks routers for advertisements; null but for mode isatap. */
    public @Nullable RouterSolicitor routerSolicitor() {
        return routerSolicitor;
    }

    /** Takes inner addresses under these prefixes of its device as those of neighbours from now on, in mode isatap; the conductor. */
    public void onLink(List<Prefix> prefixes) {
        if (isatap != null) {
            isatap.onLink(prefixes);
        }
    }

    /** Outer addresses in inner ones, mode sit only. */
    @Nullable
    SixRd sixRd() {
        return sixRd;
    }

    /** Potential routers, mode isatap only. */
    @Nullable
    Isatap isatap() {
        return isatap;
    }

    /** Its security associations; none but in mode vti. */
    public AssociationSet associations() {
        return associations;
    }

    /** Wipes the keys of all associations but this tunnel's; the conductor, when no path refers to others any more. */
    public void closeOtherAssociations() {
        state.associations.retain(spec.sa());
    }

    /** Wipes the keys of all associations; the conductor, when no path refers to the tunnel any more. */
    public void closeAssociations() {
        state.associations.retain(List.of());
    }

    /** Its keepalives that came back; none without {@code keepalive}. */
    public KeepaliveReturns keepalives() {
        return state.keepalives;
    }

    Encapsulator encapsulator() {
        return encapsulator;
    }

    InnerFilter innerFilter() {
        return innerFilter;
    }

    @Override
    public String toString() {
        return spec.name();
    }
}
