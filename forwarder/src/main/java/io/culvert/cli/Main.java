package io.culvert.cli;

import io.culvert.control.ExitCode;
import io.culvert.gateway.GatewayProcess;
import java.io.PrintWriter;

/** Entry point of {@code culvert}. */
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        Context context = new Context(System.out, System.err, System.getenv(), GatewayProcess::run);
        TunnelCommandLine tunnel = TunnelCommandLine.read(args);
        if (tunnel == null) {
            System.exit(Commands.of(context).execute(args));
        } else {
            // An exit would look through every jar for a logger to tell, which takes longer than the command. There is
            // no
            // hook to run.
            int status = run(context, tunnel);
            System.out.flush();
            Runtime.getRuntime().halt(status);
        }
    }

    /** Carries out a command line; returns the exit status. */
    static int run(Context context, String... args) {
        TunnelCommandLine tunnel = TunnelCommandLine.read(args);
        return tunnel != null ? run(context, tunnel) : Commands.of(context).execute(args);
    }

    private static int run(Context context, TunnelCommandLine tunnel) {
        try {
            return tunnel.run(context);
        } catch (RuntimeException e) {
            return internalError(
                    new PrintWriter(context.err(), true, context.err().charset()), e);
        }
    }

    static int internalError(PrintWriter err, Exception e) {
        err.println("culvert: internal error; please report this with `culvert version`:");
        e.printStackTrace(err);
        return ExitCode.INTERNAL;
    }
}
