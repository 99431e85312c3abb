package io.culvert.cli;

import io.culvert.cli.iptunnel.IpTunnel;
import io.culvert.cli.iptunnel.TunnelGateway;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code culvert tunnel}: {@code ip tunnel} for the running gateway; only its global options are picocli's. */
@Command(
        name = "tunnel",
        aliases = "tunl",
        description =
                "Add, change, delete and show tunnels in the words of `ip tunnel`; see `culvert tunnel help`. With"
                        + " --save also for the next start: in a file of the tunnel's own in conf.d.")
final class TunnelCommand implements Callable<Integer> {

    private final CulvertCommand culvert;

    @Parameters(paramLabel = "WORD", description = "As in `ip tunnel`.")
    private List<String> words = new ArrayList<>();

    TunnelCommand(CulvertCommand culvert) {
        this.culvert = culvert;
    }

    @Override
    public Integer call() {
        GatewayConnection gateway = culvert.gateway();
        // No word of ip tunnel's is an option, so this one cannot be meant otherwise.
        boolean isSaving = words.removeIf("--save"::equals);
        return run(culvert, isSaving ? new SavingGateway(gateway, culvert) : gateway, words);
    }

    static int run(CulvertCommand culvert, TunnelGateway gateway, List<String> words) {
        Context context = culvert.context();
        return new IpTunnel(gateway, culvert.options().tunnelOptions(), context.out(), context.err()).run(words);
    }

    List<String> words() {
        return words;
    }
}
