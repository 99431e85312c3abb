package io.culvert.perf;

import io.culvert.lab.LabException;
import io.culvert.lab.MissingRequirementException;
import io.culvert.lab.WireMode;
import io.culvert.perf.load.Iperf;
import io.culvert.perf.load.NotCountedException;
import io.culvert.perf.load.PacketSizes;
import io.culvert.perf.load.UdpRig;
import io.culvert.perf.peer.Bed;
import io.culvert.perf.peer.Peer;
import io.culvert.perf.peer.Peers;
import io.culvert.perf.report.Results;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The same work over many peers in one run. All of a mode's peers stand at the same time and wait, so that each comes to its
 * turn warm; rounds go through them forwards and backwards in turn (A B B A), so that a drift of the machine hits all alike.
 * One thread.
 */
final class Comparison {

    private static final Duration WARM_UP = Duration.ofMillis(1500);
    private static final Set<String> SMALL_PACKETS =
            Set.of(Peers.SOCAT, Peers.OVS_GRE, Peers.CULVERT_IPIP, Peers.CULVERT_GRE);
    private static final Set<String> ROUND_TRIPS = Set.of(Peers.PLAIN, Peers.SOCAT, Peers.CULVERT_IPIP);

    private final Settings settings;
    private final Results results;
    private final Consumer<String> progress;

    /**
     * What to run.
     *
     * @param rounds turns of each peer in each mode
     * @param seconds length of each TCP run
     * @param tcpOnly neither UDP nor round trips
     */
    record Settings(List<Peer> peers, List<WireMode> modes, int rounds, int seconds, boolean tcpOnly) {
        Settings {
            peers = List.copyOf(peers);
            modes = List.copyOf(modes);
        }
    }

    /** @param progress is told what was measured, a line at a time */
    Comparison(Settings settings, Results results, Consumer<String> progress) {
        this.settings = settings;
        this.results = results;
        this.progress = progress;
    }

    /** Measures all; what was measured is in the results at every moment. */
    void run() {
        List<Peer> present = new ArrayList<>();
        for (Peer peer : settings.peers) {
            String missing = peer.missing();
            if (missing == null) {
                results.takesPart(peer.id(), peer.version());
                present.add(peer);
            } else {
                results.missing(peer.id(), missing);
                progress.accept(peer.id() + ": missing: " + missing);
            }
        }
        for (WireMode mode : settings.modes) {
            run(mode, present);
        }
    }

    private void run(WireMode mode, List<Peer> peers) {
        Measurement measurement =
                new Measurement(results, mode, settings.seconds, Duration.ofSeconds(Math.min(settings.seconds, 1)));
        List<Bed> beds = new ArrayList<>();
        try {
            for (Peer peer : peers) {
                open(mode, peer, beds);
            }
            beds.removeIf(bed -> !warmUp(mode, bed));
            for (int round = 1; round <= settings.rounds; round++) {
                for (Bed bed : round % 2 == 1 ? beds : beds.reversed()) {
                    turn(measurement, mode, bed, round);
                }
            }
        } finally {
            beds.forEach(Bed::close);
        }
    }

    private void open(WireMode mode, Peer peer, List<Bed> beds) {
        try {
            beds.add(Bed.open(peer, mode));
            say(mode, "start", peer, "ready");
        } catch (MissingRequirementException e) {
            throw e;
        } catch (LabException e) {
            refuse(mode, peer, e);
        }
    }

    private boolean warmUp(WireMode mode, Bed bed) {
        try {
            Iperf.warmUp(bed);
            if (!settings.tcpOnly && SMALL_PACKETS.contains(bed.peer().id())) {
                try (UdpRig rig = UdpRig.open(bed)) {
                    rig.run(PacketSizes.of(64), 0, WARM_UP);
                }
            }
            return true;
        } catch (MissingRequirementException e) {
            throw e;
        } catch (LabException e) {
            refuse(mode, bed.peer(), e);
            bed.close();
            return false;
        }
    }

    private void turn(Measurement measurement, WireMode mode, Bed bed, int round) {
        Peer peer = bed.peer();
        if (results.isRefused(mode, peer.id())) {
            return;
        }
        String at = "round " + round + "/" + settings.rounds;
        try {
            say(mode, at, peer, measurement.tcp(bed, round));
            if (!settings.tcpOnly && SMALL_PACKETS.contains(peer.id())) {
                say(mode, at, peer, measurement.udp(bed, round));
            }
            if (!settings.tcpOnly && ROUND_TRIPS.contains(peer.id())) {
                say(mode, at, peer, measurement.roundTrips(bed, round));
            }
        } catch (NotCountedException e) {
            refuse(mode, peer, e);
        } catch (LabException e) {
            results.fail(mode, peer.id(), at + ": " + e.getMessage());
            say(mode, at, peer, "failed: " + e.getMessage());
        }
    }

    private void refuse(WireMode mode, Peer peer, LabException reason) {
        results.refuse(mode, peer.id(), String.valueOf(reason.getMessage()));
        say(mode, "not counted", peer, String.valueOf(reason.getMessage()));
    }

    private void say(WireMode mode, String at, Peer peer, String what) {
        progress.accept(Results.word(mode) + ", " + at + ": " + peer.id() + ": " + what);
    }
}
