package io.culvert.cli.iptunnel;

import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.wire.Addresses;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** iproute2's own {@code ip}, with a shim in the place of the kernel's tunnel drivers. */
final class IpJudge {

    private static final int CSUM = 0x8000;
    private static final int KEY = 0x2000;
    private static final int SEQ = 0x1000;
    private static final int DF = 0x4000;

    private final Path directory;
    private final Path shim;
    private final Path withDevices;

    /**
     * What a command did.
     *
     * @param actions {@code add DEVICE PARM}, {@code chg DEVICE PARM}, {@code del DEVICE}
     */
    record Outcome(int exit, String out, String err, List<String> actions) {}

    /** Compiles the shim there. */
    IpJudge(Path directory) throws IOException, InterruptedException {
        this.directory = directory;
        this.shim = compile("ip_shim", "-shared", "-fPIC");
        this.withDevices = compile("with_devices");
    }

    static boolean isAvailable() {
        return canRun("ip", "-V") && canRun("gcc", "--version");
    }

    /** Whether {@link #runWithDevices} can: it makes a namespace and TUN devices. */
    static boolean canMakeDevices() {
        return canRun("unshare", "-n", "true") && Files.isWritable(Path.of("/dev/net/tun"));
    }

    private static boolean canRun(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Path compile(String name, String... flags) throws IOException, InterruptedException {
        Path source = directory.resolve(name + ".c");
        try (InputStream resource = Objects.requireNonNull(IpJudge.class.getResourceAsStream(name + ".c"))) {
            Files.copy(resource, source);
        }
        Path binary = directory.resolve(name);
        List<String> command = new ArrayList<>(List.of("gcc", "-O1", "-o", binary.toString(), source.toString()));
        command.addAll(List.of(flags));
        Process process = new ProcessBuilder(command).inheritIO().start();
        if (process.waitFor() != 0) {
            throw new IOException("gcc cannot compile " + source);
        }
        return binary;
    }

    /** Runs {@code ip OPTIONS tunnel WORDS} where these tunnels run. */
    Outcome run(List<String> options, List<String> words, List<TunnelSpec> running) {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(options);
        command.add("tunnel");
        command.addAll(words);
        return execute(command, running);
    }

    /** The same, with a device for each of the tunnels, in a namespace of its own. */
    Outcome runWithDevices(List<String> options, List<String> words, List<TunnelSpec> running) {
        List<String> command = new ArrayList<>(List.of(withDevices.toString()));
        for (TunnelSpec spec : running) {
            // ARPHRD_IPGRE and ARPHRD_TUNNEL
            command.add(spec.name() + "=" + (spec.mode() == Mode.GRE ? 778 : 768));
        }
        command.addAll(List.of("--", "ip"));
        command.addAll(options);
        command.add("tunnel");
        command.addAll(words);
        return execute(command, running);
    }

    private Outcome execute(List<String> command, List<TunnelSpec> running) {
        try {
            Path log = directory.resolve("log");
            Path out = directory.resolve("out");
            Path err = directory.resolve("err");
            Files.deleteIfExists(log);
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
            Map<String, String> environment = builder.environment();
            environment.put("LD_PRELOAD", shim.toString());
            environment.put("TUNNEL_LOG", log.toString());
            running.forEach(spec -> environment.put("TUNNEL_" + spec.name(), parm(spec)));
            Process process = builder.start();
            process.getOutputStream().close();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException(command + " does not end");
            }
            List<String> actions = Files.exists(log) ? Files.readAllLines(log) : List.of();
            return new Outcome(
                    process.exitValue(),
                    Files.readString(out),
                    Files.readString(err),
                    actions.stream().map(IpJudge::withoutParmOfDelete).toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String withoutParmOfDelete(String action) {
        return action.startsWith("del ") ? action.substring(0, action.lastIndexOf(' ')) : action;
    }

    /** The kernel's {@code struct ip_tunnel_parm} of a specification, in hexadecimal; {@code dev} may be lo only. */
    static String parm(TunnelSpec spec) {
        ByteBuffer parm = ByteBuffer.allocate(52);
        parm.put(spec.name().getBytes(StandardCharsets.US_ASCII)).position(16);
        parm.order(ByteOrder.nativeOrder())
                .putInt("lo".equals(spec.dev()) ? 1 : 0)
                .order(ByteOrder.BIG_ENDIAN);
        parm.putShort((short) flags(spec.ikey() != null, spec.iseq(), spec.icsum()));
        parm.putShort((short) flags(spec.okey() != null, spec.oseq(), spec.ocsum()));
        parm.putInt(Objects.requireNonNullElse(spec.ikey(), 0));
        parm.putInt(Objects.requireNonNullElse(spec.okey(), 0));
        parm.put((byte) 0x45).put((byte) spec.tos()).putInt(0);
        parm.putShort((short) (spec.pmtudisc() ? DF : 0));
        parm.put((byte) spec.ttl()).put((byte) spec.mode().protocol()).putShort((short) 0);
        parm.putInt(Addresses.toInt(spec.local())).putInt(Addresses.toInt(spec.remote()));
        return HexFormat.of().formatHex(parm.array());
    }

    private static int flags(boolean key, boolean seq, boolean csum) {
        return (key ? KEY : 0) | (seq ? SEQ : 0) | (csum ? CSUM : 0);
    }
}
