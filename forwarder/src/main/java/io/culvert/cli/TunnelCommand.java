package io.culvert.cli;

import io.culvert.cli.iptunnel.IpTunnel;
import io.culvert.cli.iptunnel.TunnelOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
        Context context = culvert.context();
        GatewayConnection gateway = culvert.gateway();
        // No word of ip tunnel's is an option, so this one cannot be meant otherwise.
        boolean isSaving = words.removeIf("--save"::equals);
        return new IpTunnel(
                        isSaving ? new SavingGateway(gateway, culvert) : gateway,
                        options(),
                        context.out(),
                        context.err())
                .run(words);
    }

    TunnelOptions options() {
        return culvert.options().tunnelOptions();
    }

    List<String> words() {
        return words;
    }

    @Nullable
    Path socket() {
        return culvert.options().socket();
    }
}
