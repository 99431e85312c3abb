package io.culvert.cli.iptunnel;

import io.culvert.control.ControlException;
import io.culvert.tunnel.TunnelSpec;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * Reads what follows {@code add}, {@code change}, {@code del} and {@code show}: keywords in any order, the last wins. The
 * words of both families are here, what only one has or has otherwise is its own.
 */
abstract class TunnelArguments<P extends TunnelParameters> {

    final Words words;
    final P parameters;
    private final @Nullable RunningTunnels runningTunnels;
    private @Nullable String dev;

    /**
     * @param parameters what holds where no word says otherwise
     * @param runningTunnels where {@code change} starts from; null for the other commands
     */
    TunnelArguments(Words words, P parameters, @Nullable RunningTunnels runningTunnels) {
        this.words = words;
        this.parameters = parameters;
        this.runningTunnels = runningTunnels;
    }

    /** Reads all words. */
    final P parse() throws TunnelException, ControlException {
        while (words.hasNext()) {
            String word = words.next();
            if (!take(word) && !takeGre(word)) {
                name(word);
            }
        }
        complete();
        return parameters;
    }

    abstract void mode(String word) throws TunnelException;

    /** The value of {@code remote} or {@code local}; null for any. */
    abstract @Nullable InetAddress address(String text) throws TunnelException;

    abstract void ttl(String text) throws TunnelException;

    abstract void trafficClass(String text) throws TunnelException;

    /** What {@code help} prints. */
    abstract String usage();

    /** Takes a keyword and its value; whether it is one. */
    boolean take(String word) throws TunnelException {
        switch (word) {
            case "mode" -> mode(words.value());
            case "remote" -> parameters.remote = address(words.value());
            case "local" -> parameters.local = address(words.value());
            case "dev" -> dev = words.value();
            case "ttl", "hoplimit", "hlim" -> ttl(words.value());
            case "tos", "tclass" -> trafficClass(words.value());
            default -> {
                return false;
            }
        }
        return true;
    }

    /** What can be said only when every word is read; the order decides which error is told. */
    void complete() throws TunnelException {
        if (dev != null) {
            parameters.dev = DeviceName.existing(dev);
        }
    }

    private boolean takeGre(String word) throws TunnelException {
        switch (word) {
            case "key" -> {
                parameters.ikey = Numbers.key(word, words.value());
                parameters.okey = parameters.ikey;
            }
            case "ikey" -> parameters.ikey = Numbers.key(word, words.value());
            case "okey" -> parameters.okey = Numbers.key(word, words.value());
            case "seq" -> {
                parameters.iseq = true;
                parameters.oseq = true;
            }
            case "iseq" -> parameters.iseq = true;
            case "oseq" -> parameters.oseq = true;
            case "csum" -> {
                parameters.icsum = true;
                parameters.ocsum = true;
            }
            case "icsum" -> parameters.icsum = true;
            case "ocsum" -> parameters.ocsum = true;
            default -> {
                return false;
            }
        }
        return true;
    }

    private void name(String word) throws TunnelException, ControlException {
        if (Words.isPrefix(word, "dsfield")) {
            trafficClass(words.value());
            return;
        }
        boolean isFirst = words.isAtFirst();
        parameters.name = DeviceName.argument(words, word, parameters.name, usage());
        if (runningTunnels != null && isFirst) {
            load(runningTunnels);
        }
    }

    private void load(RunningTunnels tunnels) throws TunnelException, ControlException {
        String name = parameters.name;
        TunnelSpec running = tunnels.find(name);
        if (running == null) {
            throw RunningTunnels.failed("get", name, DeviceName.whyNoTunnel(name));
        }
        parameters.load(running);
    }
}
