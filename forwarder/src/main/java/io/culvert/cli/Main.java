package io.culvert.cli;

import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import io.culvert.gateway.GatewayProcess;
import java.io.PrintWriter;

/** Entry point of {@code culvert}. */
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        Context context = new Context(System.out, System.err, System.getenv(), GatewayProcess::run);
        PlainCommandLine plain = PlainCommandLine.read(args);
        if (plain == null) {
            System.exit(Commands.of(context).execute(args));
        } else {
            // An exit looks through every jar for a logger to tell, which takes longer than the command.
            // There is no hook to run.
            int status = run(context, plain);
            System.out.flush();
            Runtime.getRuntime().halt(status);
        }
    }

    /** Carries out a command line; returns the exit status. */
    static int run(Context context, String... args) {
        PlainCommandLine plain = PlainCommandLine.read(args);
        return plain != null ? run(context, plain) : Commands.of(context).execute(args);
    }

    private static int run(Context context, PlainCommandLine plain) {
        PrintWriter err = new PrintWriter(context.err(), true, context.err().charset());
        try {
            return plain.run(context);
        } catch (ControlException e) {
            return refused(err, e);
        } catch (RuntimeException e) {
            return internalError(err, e);
        }
    }

    static int refused(PrintWriter err, ControlException refusal) {
        err.println("culvert: " + refusal.message());
        return refusal.exitCode();
    }

    static int internalError(PrintWriter err, Exception e) {
        err.println("culvert: internal error; please report this with `culvert version`:");
        e.printStackTrace(err);
        return ExitCode.INTERNAL;
    }
}
