package io.culvert.doctor;

import io.culvert.config.ConfigLoader;
import io.culvert.config.GatewayConfig;
import io.culvert.tunnel.TunnelSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Examines the network namespace that it is called in. Changes nothing that outlives the call. */
public final class Doctor {

    private Doctor() {}

    /**
     * Everything that was looked at, right or not.
     *
     * @param file the configuration's path, for people
     * @param loaded the configuration, with its problems; null if there is no file
     * @param report a running gateway's answer to {@code show}; null if none runs
     */
    public static List<Finding> examine(String file, ConfigLoader.@Nullable Loaded loaded, @Nullable JsonNode report) {
        List<Finding> findings = new ArrayList<>();
        HostChecks host = HostChecks.ofThisHost();
        findings.add(host.tun());
        if (report == null) {
            // A running gateway has proven what it needs, whatever this user may do.
            findings.addAll(host.privileges());
            findings.add(LaneCheck.probe());
        } else {
            findings.addAll(GatewayChecks.of(report));
        }
        findings.addAll(host.kernelTunnels());
        findings.add(host.returnPath());
        findings.add(host.forwarding());
        if (loaded == null) {
            findings.add(Finding.ok("configuration", file + " is not there: a gateway starts without a tunnel"));
            return findings;
        }
        findings.add(configuration(file, loaded));
        List<TunnelSpec> tunnels = loaded.config().tunnels();
        findings.add(
                IdleCheck.of(loaded.config().datapath(), Runtime.getRuntime().availableProcessors()));
        findings.add(host.openFiles(tunnels.size()));
        if (tunnels.stream().anyMatch(tunnel -> tunnel.mode().isProtected())) {
            findings.add(HostChecks.encryption());
        }
        boolean wantsPackets = loaded.config().datapath().lane() != GatewayConfig.Lane.RAW;
        findings.addAll(UnderlayChecks.of(tunnels, wantsPackets));
        return findings;
    }

    private static Finding configuration(String file, ConfigLoader.Loaded loaded) {
        int problems = loaded.problems().size();
        return problems == 0
                ? Finding.ok("configuration", file + ": no problem")
                : Finding.fail(
                        "configuration",
                        file + ": " + problems + (problems == 1 ? " problem" : " problems"),
                        "culvert check -c " + file);
    }
}
