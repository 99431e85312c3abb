package io.culvert.lab;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;

/**
 * Debian's own kernel in a virtual machine, with iproute2, busybox, ethtool and socat: the peer that is Linux itself. Its
 * only network device, {@link Host#UNDERLAY}, is the other end of a tap device of the host that it is booted in. It runs
 * on qemu's software emulation, so that it behaves the same wherever the tests run. Any thread may call.
 */
public final class Guest implements AutoCloseable {

    private static final Duration BOOT = Duration.ofMinutes(2);
    private static final Duration COMMAND = Duration.ofSeconds(60);
    private static final Duration SOCKET = Duration.ofSeconds(30);
    private static final long RETRY_MILLIS = 10;
    private static final int LAST_LINES = 20;

    /** Behind each command, and behind each part of its answer: exit status, standard output and standard error. */
    private static final char END = '\0';

    private static final int ANSWER_PARTS = 3;

    private final LabProcess qemu;
    private final SocketChannel channel;

    private Guest(LabProcess qemu, SocketChannel channel) {
        this.qemu = qemu;
        this.channel = channel;
    }

    /**
     * Boots a guest that ends with the host at the latest; takes about 4 s, {@link GuestImage#PPP} twice that.
     *
     * @param tap the tap device to make in the host, up and without an address
     * @throws LabException if it does not serve commands within two minutes, with the last lines of its console
     */
    public static Guest boot(Host host, String tap, GuestImage image) {
        Path socket = host.directory().resolve(tap + ".sock");
        List<String> command =
                command(image.kernel(), image.initramfs(host.directory().resolve(tap)), socket, tap);
        host.exec("ip", "tuntap", "add", "dev", tap, "mode", "tap", "vnet_hdr").orThrow();
        host.exec("ip", "link", "set", "dev", tap, "up").orThrow();
        LabProcess qemu = host.start(command, Map.of());
        Guest guest = new Guest(qemu, connect(qemu, socket));
        guest.exec(BOOT, "true").orThrow();
        return guest;
    }

    private static List<String> command(Path kernel, Path initramfs, Path socket, String tap) {
        List<String> command = new ArrayList<>(List.of("qemu-system-x86_64", "-nodefaults", "-no-user-config"));
        command.addAll(List.of("-accel", "tcg", "-cpu", "qemu64", "-m", "256", "-display", "none", "-no-reboot"));
        command.addAll(List.of("-kernel", kernel.toString(), "-initrd", initramfs.toString()));
        // What qemu has translated of a program it finds again at the same address only: half of a process of ip.
        // A busy machine gives the emulated timer too few turns to be found at work: it is not looked for.
        String behaviour = "panic=-1 mitigations=off random.trust_cpu=on norandmaps no_timer_check";
        command.addAll(List.of("-append", "console=ttyS0 quiet " + behaviour));
        command.addAll(List.of("-serial", "stdio", "-device", "virtio-serial"));
        command.addAll(List.of("-chardev", "socket,id=commands,server=on,wait=on,path=" + socket));
        command.addAll(List.of("-device", "virtserialport,chardev=commands"));
        command.addAll(List.of("-netdev", "tap,id=underlay,script=no,downscript=no,ifname=" + tap));
        command.addAll(List.of("-device", "virtio-net-pci,netdev=underlay"));
        return command;
    }

    /** Retries until qemu listens: it boots when somebody has connected. */
    private static SocketChannel connect(LabProcess qemu, Path socket) {
        long deadline = System.nanoTime() + SOCKET.toNanos();
        while (true) {
            try {
                SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                try {
                    channel.connect(UnixDomainSocketAddress.of(socket));
                    return channel;
                } catch (IOException e) {
                    channel.close();
                    throw e;
                }
            } catch (IOException e) {
                if (System.nanoTime() - deadline > 0 || !qemu.isAlive()) {
                    throw new LabException("the guest's commands have no socket: " + lastLines(qemu), e);
                }
            }
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(RETRY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted while a guest boots", e);
        }
    }

    /** Whether it still runs and answers. */
    public boolean isAlive() {
        return qemu.isAlive() && channel.isOpen();
    }

    /**
     * Runs a command line by the guest's shell, whatever its exit code. Its {@code ip} is iproute2's.
     *
     * @throws LabException if the guest does not answer within a minute, with the last lines of its console
     */
    public CommandResult exec(String commandLine) {
        return exec(COMMAND, commandLine);
    }

    /** Runs a command line as {@link #exec(String)} does, with a limit of its own. */
    public synchronized CommandResult exec(Duration timeout, String commandLine) {
        FutureTask<String> exchange = new FutureTask<>(() -> exchange(commandLine));
        Thread.ofVirtual().start(exchange);
        try {
            return result(commandLine, Host.await(exchange, "guest: \"" + commandLine + '"', timeout));
        } catch (LabException e) {
            // Its answer would be taken for that to the next command.
            closeChannel();
            throw new LabException(e.getMessage() + "; " + lastLines(qemu), e);
        }
    }

    /** Runs command lines one by one, such as {@code ip tunnel} with its arguments, whatever their exit codes. */
    public List<CommandResult> execAll(List<String> commandLines) {
        return commandLines.stream().map(this::exec).toList();
    }

    /**
     * Runs command lines until one fails, in one exchange, which takes the guest a hundredth of a second. Those of {@code ip}
     * that stand next to each other share one process: to start one takes longer than what it does.
     */
    public CommandResult execInTurn(List<String> commandLines) {
        StringBuilder script = new StringBuilder();
        boolean inBatch = false;
        for (String line : commandLines) {
            boolean batched = line.startsWith("ip ") && !line.startsWith("ip -");
            if (inBatch && !batched) {
                script.append("END\n");
            } else if (batched && !inBatch) {
                script.append("ip -batch - <<'END' || exit\n");
            }
            script.append(batched ? line.substring("ip ".length()) : "{ " + line + "; } || exit")
                    .append('\n');
            inBatch = batched;
        }
        return exec(script.append(inBatch ? "END\n" : "").toString());
    }

    private String exchange(String commandLine) throws IOException {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(commandLine + END);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        var answer = new ByteArrayOutputStream();
        var in = Channels.newInputStream(channel);
        byte[] chunk = new byte[1 << 12];
        for (int parts = 0; parts < ANSWER_PARTS; ) {
            int read = in.read(chunk);
            if (read < 0) {
                throw new IOException("the guest has ended");
            }
            answer.write(chunk, 0, read);
            for (int i = 0; i < read; i++) {
                parts += chunk[i] == END ? 1 : 0;
            }
        }
        return answer.toString(StandardCharsets.UTF_8);
    }

    private static CommandResult result(String commandLine, String answer) {
        String[] parts = answer.split("\0", -1);
        if (parts.length != ANSWER_PARTS + 1 || !parts[ANSWER_PARTS].isEmpty()) {
            throw new LabException("the guest answered \"" + answer + "\" to \"" + commandLine + '"');
        }
        return new CommandResult(List.of(commandLine), Integer.parseInt(parts[0]), parts[1], parts[2]);
    }

    private static String lastLines(LabProcess qemu) {
        List<String> lines = new ArrayList<>(qemu.outputLines());
        lines.addAll(qemu.errorLines());
        return "last of its console:\n"
                + String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
    }

    /** Ends the virtual machine. */
    @Override
    public void close() {
        qemu.close();
        closeChannel();
    }

    private void closeChannel() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new LabException("the guest's commands: " + e.getMessage(), e);
        }
    }
}
