package io.culvert.gateway;

import com.sun.management.ThreadMXBean;
import io.culvert.config.GatewayConfig;
import io.culvert.config.GatewayConfig.Idle;
import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.L2tpTunnelCodec;
import io.culvert.config.TunnelChanges;
import io.culvert.control.Events;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.PathCalls;
import io.culvert.linux.netlink.Link;
import io.culvert.linux.netlink.RouteNetlink;
import io.culvert.pipeline.DataPath;
import io.culvert.pipeline.Tuning;
import io.culvert.tunnel.Counters;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.L2tpTunnel;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelSpec;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A gateway at work in the network namespace of the thread that started it. Any thread may call; the conductor's thread
 * does what changes something.
 */
public final class Gateway implements AutoCloseable {

    private static final double NANOS_PER_SECOND = 1e9;
    private static final Duration HEALTHY = Duration.ofSeconds(2);
    private static final Duration PREPARE_AFTER = Duration.ofSeconds(5);

    private final long startedNanos = System.nanoTime();
    private final RouteNetlink netlink;
    private final DataPath path;
    private final LaneChoice lane;
    private final PipelineChoice pipeline;
    private final Tunnels tunnels;
    private final Conductor conductor;
    private final Events events = new Events(InstantSource.system(), this::watchNow);
    private final Watch watch = new Watch(events);

    private Gateway(GatewayConfig config, Path stateDirectory) {
        GatewayConfig.Datapath settings = config.datapath();
        boolean packetSockets = settings.lane() != Lane.RAW;
        netlink = RouteNetlink.open();
        lane = LaneChoice.make(settings.lane());
        pipeline = PipelineChoice.make(
                settings, config.tunnels(), Runtime.getRuntime().availableProcessors());
        path = new DataPath(new DataPath.Settings(
                packetSockets, pipeline.isStaged(), settings.workers(), settings.cpus(), tuning(settings)));
        tunnels = new Tunnels(
                netlink,
                path,
                packetSockets,
                lane.programs(),
                new SequenceKeeper(stateDirectory),
                new PtyLinks(PtyLinks.beside(config.controlSocket())));
        conductor = new Conductor(tunnels, this::watch);
    }

    private static Tuning tuning(GatewayConfig.Datapath settings) {
        long pollNanos = settings.idle() == Idle.SLEEP ? 0 : TimeUnit.MICROSECONDS.toNanos(settings.busyPoll());
        return new Tuning(settings.batch(), pollNanos, settings.idle() == Idle.ADAPTIVE);
    }

    /**
     * Starts a gateway; every tunnel of the configuration forwards when this returns.
     *
     * @param stateDirectory where it keeps what must outlive it; made when it is needed
     * @throws GatewayException if a tunnel cannot be made; nothing is left behind then
     */
    public static Gateway start(GatewayConfig config, Path stateDirectory) {
        Gateway gateway;
        try {
            gateway = new Gateway(config, stateDirectory);
        } catch (ErrnoException e) {
            throw GatewayException.of("the gateway cannot start", e);
        }
        try {
            Thread.ofPlatform().daemon().name("culvert-prepare").start(Gateway::prepareCalls);
            gateway.path.start();
            gateway.conductor.start();
            gateway.apply(new TunnelChanges(config.tunnels(), List.of(), List.of()));
            return gateway;
        } catch (RuntimeException e) {
            gateway.close();
            throw e;
        }
    }

    /** Later: what the JVM compiles for it takes a quarter of a second of a processor, which starting needs more. */
    private static void prepareCalls() {
        LockSupport.parkNanos(PREPARE_AFTER.toNanos());
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        PathCalls.prepare(threads::getCurrentThreadAllocatedBytes);
    }

    /**
     * Adds, changes and removes tunnels under load, all or none; all forward when this returns.
     *
     * @param changes specifications without problems
     * @throws GatewayException if something cannot be; nothing has changed then
     */
    public void apply(TunnelChanges changes) {
        conductor.run(() -> tunnels.apply(changes));
    }

    /**
     * Gives a tunnel another specification, made of the one that it has then: of two such changes at a time none is lost.
     *
     * @param change of the specification to one without problems; the conductor's thread calls it
     * @throws GatewayException if there is no such tunnel, or it cannot be; nothing has changed then
     */
    void change(String name, UnaryOperator<TunnelSpec> change) {
        conductor.run(() -> tunnels.change(name, change));
    }

    /**
     * Has these tunnels and no others from now on.
     *
     * @param wanted without problems
     * @throws GatewayException if something cannot be; nothing has changed then
     */
    public void applyDifference(List<TunnelSpec> wanted) {
        conductor.run(() -> tunnels.applyDifference(wanted));
    }

    /**
     * Takes note of a tunnel of L2TPv3 that has no session yet.
     *
     * @throws GatewayException if there is one with its ID
     */
    void addL2tpTunnel(L2tpTunnel tunnel) {
        conductor.run(() -> tunnels.l2tpTunnels().add(tunnel));
    }

    /**
     * Removes a tunnel of L2TPv3 and all its sessions.
     *
     * @throws GatewayException if there is none with that ID
     */
    void removeL2tpTunnel(int id) {
        conductor.run(() -> tunnels.removeL2tpTunnel(id));
    }

    /** The specifications of all tunnels, in the order in which they were added. */
    public List<TunnelSpec> specifications() {
        return conductor.call(tunnels::specs);
    }

    /**
     * Returns once the conductor has answered.
     *
     * @throws GatewayException if it does not within 2 s, or is stopping
     */
    void checkHealth() {
        conductor.ping(HEALTHY);
    }

    /** What {@code culvert show -j} prints. */
    public ObjectNode report() {
        return conductor.call(this::makeReport);
    }

    /**
     * What becomes of a packet; see {@link Explanations}.
     *
     * @throws GatewayException if the question cannot be answered
     */
    ObjectNode explain(ObjectNode question) {
        return conductor.call(
                () -> Explanations.ofGateway(question, path.tables().current(), netlink));
    }

    /** What happens from now on. */
    Events events() {
        return events;
    }

    /** Notes how things are, so that what happens next is seen. */
    private void watchNow() {
        try {
            conductor.run(this::watch);
        } catch (GatewayException e) {
            // It is stopping: nothing will happen any more.
        }
    }

    private void watch() {
        long now = System.nanoTime();
        watch.observe(tunnels::all, tunnels::isDown, now);
        watch.observeWithoutTunnel("encap", path.encapCounters().withoutTunnel(), now);
        watch.observeWithoutTunnel("decap", path.decapCounters().withoutTunnel(), now);
    }

    private ObjectNode makeReport() {
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        report.put("version", Version.current());
        report.put("uptime-seconds", (System.nanoTime() - startedNanos) / NANOS_PER_SECOND);
        report.put("lane", lane.name());
        report.put("lane-reason", lane.reason());
        report.put("pipeline", pipeline.isStaged() ? "staged" : "fused");
        report.put("pipeline-reason", pipeline.reason());
        ArrayNode tunnelNodes = report.putArray("tunnels");
        List<Counters> encap = new ArrayList<>(List.of(tunnels.formerEncapCounters()));
        List<Counters> decap = new ArrayList<>(List.of(tunnels.formerDecapCounters()));
        long deviceQueueDrops = 0;
        for (Tunnel tunnel : tunnels.all()) {
            Link link = tunnels.link(tunnel);
            ObjectNode tunnelNode = GatewayReport.tunnel(tunnel, link, tunnels.learntPathMtus(tunnel));
            if (tunnel.spec().isPpp()) {
                tunnelNode.put("pty", tunnels.pty(tunnel).toString());
            }
            tunnelNodes.add(tunnelNode);
            deviceQueueDrops += GatewayReport.queueDrops(link);
            encap.add(tunnel.encapCounters());
            decap.add(tunnel.decapCounters());
        }
        ArrayNode l2tpNodes = report.putArray("l2tp-tunnels");
        tunnels.l2tpTunnels().all().forEach(tunnel -> l2tpNodes.add(L2tpTunnelCodec.encode(tunnel)));
        report.putArray("paths")
                .add(GatewayReport.path(
                        "encap", path.encapCounters(), encap, DropReason.TUN_QUEUE_FULL, deviceQueueDrops))
                .add(GatewayReport.path(
                        "decap", path.decapCounters(), decap, DropReason.OUTER_QUEUE_FULL, tunnels.outerQueueDrops()));
        report.set("icmp-refused", GatewayReport.refusedErrors(tunnels.refusedErrors()));
        List<Thread> threads = new ArrayList<>(path.threads());
        threads.add(conductor.thread());
        report.set("threads", GatewayReport.threads(threads));
        return report;
    }

    /** Stops forwarding, then removes every device and closes every socket. */
    @Override
    public void close() {
        conductor.close();
        path.close();
        tunnels.closeAll();
        netlink.close();
    }
}
