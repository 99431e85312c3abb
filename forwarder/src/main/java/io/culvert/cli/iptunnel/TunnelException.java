package io.culvert.cli.iptunnel;

/** Ends the command: what goes to standard error, byte for byte less the last line feed, and the exit status. */
final class TunnelException extends Exception {

    private static final long serialVersionUID = 1L;

    /** {@code ip}'s exit status for a command line that it cannot parse: {@code exit(-1)}. */
    private static final int UNPARSABLE = 255;

    /** {@code ip}'s exit status for what is parsed and refused. */
    private static final int REFUSED = 1;

    /** {@code ip}'s exit status for what the kernel answers by netlink. */
    private static final int ANSWERED = 2;

    private final int exitStatus;
    private final String text;

    private TunnelException(int exitStatus, String text) {
        super(text, null, false, false);
        this.exitStatus = exitStatus;
        this.text = text;
    }

    static TunnelException unparsable(String text) {
        return new TunnelException(UNPARSABLE, text);
    }

    static TunnelException refused(String text) {
        return new TunnelException(REFUSED, text);
    }

    /** What is sent by netlink in Linux and refused there. */
    static TunnelException answered(String reason) {
        return new TunnelException(ANSWERED, "RTNETLINK answers: " + reason);
    }

    /** An argument that is none of those allowed. */
    static TunnelException wrongArgument(String argument, String reason) {
        return unparsable("Error: argument \"" + argument + "\" is wrong: " + reason);
    }

    int exitStatus() {
        return exitStatus;
    }

    String text() {
        return text;
    }
}
