package io.culvert.perf.report;

import io.culvert.lab.WireMode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What has been measured so far. Any thread may call: an interrupt's report is written by another one. */
public final class Results {

    private final Map<String, String> versions = new LinkedHashMap<>();
    private final Map<String, String> missing = new LinkedHashMap<>();
    private final List<Sample> samples = new ArrayList<>();
    private final List<Refusal> refusals = new ArrayList<>();
    private final List<Refusal> failures = new ArrayList<>();
    private final Map<String, String> proofs = new LinkedHashMap<>();

    /**
     * One value.
     *
     * @param round from 1
     */
    public record Sample(WireMode mode, String peer, Metric metric, int round, double value) {}

    /** Why a peer's figures do not count, or are not there. */
    public record Refusal(WireMode mode, String peer, String reason) {}

    /** Names a peer that takes part, which the report lists even if nothing of it was measured. */
    public synchronized void takesPart(String peer, String version) {
        versions.put(peer, version);
    }

    /** Names a peer that this host lacks something for. */
    public synchronized void missing(String peer, String remedy) {
        missing.put(peer, remedy);
    }

    /** Adds a value. */
    public synchronized void add(WireMode mode, String peer, Metric metric, int round, double value) {
        samples.add(new Sample(mode, peer, metric, round, value));
    }

    /** Keeps what the link showed of a peer. */
    public synchronized void proof(WireMode mode, String peer, String seen) {
        proofs.put(word(mode) + " " + peer, seen);
    }

    /** Strikes a peer out: none of its values in that mode counts any more. */
    public synchronized void refuse(WireMode mode, String peer, String reason) {
        samples.removeIf(sample -> sample.mode == mode && sample.peer.equals(peer));
        if (!isRefused(mode, peer)) {
            refusals.add(new Refusal(mode, peer, reason));
        }
    }

    /** Says that a peer gave no figure in a round; the others count. */
    public synchronized void fail(WireMode mode, String peer, String reason) {
        failures.add(new Refusal(mode, peer, reason));
    }

    public synchronized Collection<Refusal> failures() {
        return List.copyOf(failures);
    }

    /** Whether it was struck out. */
    public synchronized boolean isRefused(WireMode mode, String peer) {
        return refusals.stream().anyMatch(refusal -> refusal.mode == mode && refusal.peer.equals(peer));
    }

    /** The spread of a peer's values. */
    public synchronized Spread spread(WireMode mode, String peer, Metric metric) {
        return Spread.of(values(mode, peer, metric));
    }

    /** A peer's values, in the order of the rounds. */
    public synchronized List<Double> values(WireMode mode, String peer, Metric metric) {
        return samples.stream()
                .filter(sample -> sample.mode == mode && sample.peer.equals(peer) && sample.metric == metric)
                .map(Sample::value)
                .toList();
    }

    /** The peers that take part, in their order. */
    public synchronized List<String> peers() {
        return List.copyOf(versions.keySet());
    }

    /** The modes in which something was measured or refused. */
    public synchronized List<WireMode> modes() {
        return Stream.of(WireMode.WIRE, WireMode.OFFLOADED)
                .filter(mode -> samples.stream().anyMatch(sample -> sample.mode == mode)
                        || Stream.concat(refusals.stream(), failures.stream())
                                .anyMatch(refusal -> refusal.mode == mode))
                .toList();
    }

    /** Whether any value of that kind is there. */
    public synchronized boolean has(WireMode mode, Metric metric) {
        return samples.stream().anyMatch(sample -> sample.mode == mode && sample.metric == metric);
    }

    public synchronized Map<String, String> versions() {
        return Map.copyOf(versions);
    }

    public synchronized Map<String, String> missing() {
        return new LinkedHashMap<>(missing);
    }

    public synchronized Map<String, String> proofs() {
        return new LinkedHashMap<>(proofs);
    }

    public synchronized Collection<Refusal> refusals() {
        return List.copyOf(refusals);
    }

    /** The mode's word on the command line and in JSON. */
    public static String word(WireMode mode) {
        return mode == WireMode.WIRE ? "wire" : "veth";
    }
}
