package io.culvert.cli.iptunnel;

import io.culvert.cli.iptunnel.RunningTunnel.Received;
import io.culvert.cli.iptunnel.RunningTunnel.Transmitted;
import io.culvert.control.ControlException;
import io.culvert.tunnel.TunnelSpec;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes everything, and keeps what it was asked in the form in which the shim does. */
final class RecordingGateway implements TunnelGateway {

    private static final Received NOTHING_RECEIVED = new Received(0, 0, 0, 0, 0);
    private static final Transmitted NOTHING_TRANSMITTED = new Transmitted(0, 0, 0, 0, 0, 0);

    private final List<RunningTunnel> tunnels = new ArrayList<>();
    private final List<String> actions = new ArrayList<>();
    private @Nullable ControlException refusal;

    RecordingGateway(List<TunnelSpec> running) {
        running.forEach(spec -> tunnels.add(new RunningTunnel(spec, NOTHING_RECEIVED, NOTHING_TRANSMITTED, null)));
    }

    /** Every further change is refused so. */
    void refuse(ControlException with) {
        refusal = with;
    }

    void run(RunningTunnel tunnel) {
        tunnels.add(tunnel);
    }

    List<String> actions() {
        return actions;
    }

    @Override
    public List<RunningTunnel> tunnels() {
        return tunnels;
    }

    @Override
    public void add(TunnelSpec spec) throws ControlException {
        record("add " + spec.name() + " " + IpJudge.parm(spec));
    }

    @Override
    public void change(TunnelSpec spec) throws ControlException {
        record("chg " + spec.name() + " " + IpJudge.parm(spec));
    }

    @Override
    public void changeSit(TunnelSpec spec) throws ControlException {
        record("sit " + spec.name() + " " + spec.sit());
    }

    @Override
    public void delete(String name) throws ControlException {
        record("del " + name);
    }

    private void record(String action) throws ControlException {
        if (refusal != null) {
            throw refusal;
        }
        actions.add(action);
    }

    /** Carries out a command line on this gateway. */
    IpJudge.Outcome execute(TunnelOptions options, List<String> words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exit = new IpTunnel(
                        this,
                        options,
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8))
                .run(words);
        return new IpJudge.Outcome(
                exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8), List.copyOf(actions));
    }
}
