package io.culvert.cli;

import io.culvert.cli.iptunnel.IpL2tp;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code culvert l2tp}: {@code ip l2tp} for the running gateway; only its global options are picocli's. */
@Command(
        name = "l2tp",
        description = "Add, delete and show tunnels and sessions of L2TPv3 in the words of `ip l2tp`; see"
                + " `culvert l2tp help`. With --save sessions also for the next start: each in a file of its own in"
                + " conf.d.")
final class L2tpCommand implements Callable<Integer> {

    private final CulvertCommand culvert;

    @Parameters(paramLabel = "WORD", description = "As in `ip l2tp`.")
    private List<String> words = new ArrayList<>();

    L2tpCommand(CulvertCommand culvert) {
        this.culvert = culvert;
    }

    @Override
    public Integer call() {
        Context context = culvert.context();
        GatewayConnection gateway = culvert.gateway();
        // No word of ip l2tp's is an option, so this one cannot be meant otherwise.
        boolean isSaving = words.removeIf("--save"::equals);
        return new IpL2tp(
                        isSaving ? new SavingGateway(gateway, culvert) : gateway,
                        culvert.options().tunnelOptions(),
                        context.out(),
                        context.err())
                .run(words);
    }
}
