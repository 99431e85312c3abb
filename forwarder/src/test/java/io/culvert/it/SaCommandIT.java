package io.culvert.it;

import static io.culvert.it.InteropRow.DEVICE;
import static io.culvert.it.InteropRow.Inner.IPV4;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.esp.KeyFiles;
import io.culvert.esp.SaSpec;
import io.culvert.lab.CommandResult;
import io.culvert.lab.GuestLab;
import io.culvert.lab.Host;
import io.culvert.lab.LabGateway;
import io.culvert.lab.LabProcess;
import io.culvert.testing.Hex;
import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code culvert sa} on a running gateway whose peer is Linux's vti. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class SaCommandIT {

    private static final InteropRow ROW = InteropRows.LINUX.stream()
            .filter(row -> row.sa() != null)
            .findFirst()
            .orElseThrow();

    private static final String GCM = "rfc4106(gcm(aes))";
    private static final String US = GuestLab.HOST.getHostAddress();
    private static final String THEM = GuestLab.GUEST.getHostAddress();

    @TempDir
    private Path directory;

    private static CommandResult sa(LabGateway gateway, String line) {
        List<String> words = new ArrayList<>(List.of("sa"));
        words.addAll(List.of(line.split(" ", -1)));
        return gateway.culvert(words.toArray(String[]::new));
    }

    private String keyFile(String key, String rights) {
        return KeyFiles.write(directory, key, rights).toString();
    }

    private static void theirs(GuestLab lab, String source, String destination, int spi, String key) {
        lab.guest()
                .exec("ip xfrm state add src " + source + " dst " + destination + " proto esp spi " + spi
                        + " reqid 1 mode tunnel mark 7 replay-window 32 flag af-unspec aead '" + GCM + "' 0x" + key
                        + " 128")
                .orThrow();
    }

    /** RFC 4301 section 4.5: the new association stands at the receiver before anybody sends by it. */
    @Test
    void rekeysWithLinuxWithoutLoss() {
        GuestLab lab = GuestLab.shared();
        String outKey = KeyFiles.key(20, 11);
        String inKey = KeyFiles.key(20, 12);
        try (LabGateway gateway = LabGateway.on(lab.host()).start();
                InteropTunnel _ = InteropTunnel.open(gateway, lab, ROW)) {
            lab.guest().exec("ping -c 1 -W 2 " + IPV4.ours());
            LabProcess ping =
                    lab.host().start(List.of("ping", "-i", "0.02", "-c", "400", "-W", "10", IPV4.theirs()), Map.of());
            theirs(lab, US, THEM, 0x1003, outKey);
            sa(
                            gateway,
                            "add dev interop dir in spi 0x2003 aead " + GCM + " key-file " + keyFile(inKey, "rw-------")
                                    + " icv-len 128 mark 7 limit byte-hard 1000000000")
                    .orThrow();
            theirs(lab, THEM, US, 0x2003, inKey);
            sa(
                            gateway,
                            "add dev interop dir out src " + US + " dst " + THEM
                                    + " proto esp mode tunnel spi 0x1003 aead " + GCM + " key-file "
                                    + keyFile(outKey, "rw-------"))
                    .orThrow();
            lab.guest()
                    .exec("ip xfrm state delete src " + THEM + " dst " + US + " proto esp spi 0x2002 mark 7")
                    .orThrow();
            sa(gateway, "del dev interop dir out spi 0x1001").orThrow();
            sa(gateway, "del dev interop dir in spi 0x2002").orThrow();
            assertThat(ping.exitCode(Duration.ofSeconds(60))).isZero();
            assertThat(String.join("\n", ping.outputLines())).contains("400 received, 0% packet loss");
            assertShown(gateway, inKey, outKey);
            CommandResult states = lab.guest().exec("ip -s xfrm state");
            assertThat(states.out()).contains("0x00001003").contains("0x00002003");
        }
    }

    private static void assertShown(LabGateway gateway, String... keys) {
        String text = sa(gateway, "show").orThrow().out();
        assertThat(text)
                .contains("src " + US + " dst " + THEM, "spi 0x00001003", "spi 0x00002003", "mark 0x7/0xffffffff")
                .contains("aead " + GCM + " key-file ", "limit byte-hard 1000000000, ", "replay 0 failed 0")
                .doesNotContain("0x00001001", "0x00002002")
                .doesNotContain(keys);
        String json = gateway.culvert("-j", "sa", "show", "dir", "out", "dev", DEVICE)
                .orThrow()
                .out();
        assertThat(json)
                .startsWith("{\"schema\":1,\"sa\":[{\"dev\":\"interop\"")
                .contains("\"spi\":4099")
                .doesNotContain("\"spi\":8195")
                .doesNotContain(keys);
    }

    /** Linux drops as a replay whatever has a number that it had before. */
    @Test
    void goesOnWithLinuxAfterACrash() {
        GuestLab lab = GuestLab.shared();
        LabGateway killed = LabGateway.on(lab.host()).start();
        InteropTunnel tunnel = InteropTunnel.open(killed, lab, ROW);
        lab.guest().exec("ping -c 20 -i 0.05 -W 2 " + IPV4.ours()).orThrow();
        killed.kill();
        try (LabGateway gateway = LabGateway.on(lab.host())
                        .tunnel(InteropTunnel.ours(ROW, lab.host().directory()))
                        .start();
                InteropTunnel _ = tunnel.movedTo(gateway)) {
            CommandResult ping = lab.guest().exec("ping -c 20 -i 0.05 -W 10 " + IPV4.ours());
            assertThat(ping.out()).contains("20 packets received");
            assertThat(lab.guest().exec("ip -s xfrm state").orThrow().out())
                    .contains("spi 0x00001001")
                    .doesNotContainPattern("replay-window \\d+ replay [1-9]");
        }
    }

    @Test
    void whatIsWrongIsRefusedAndChangesNothing() {
        GuestLab lab = GuestLab.shared();
        String own = keyFile(KeyFiles.key(20, 21), "rw-------");
        String wide = keyFile(KeyFiles.key(20, 22), "rw-r-----");
        String add = "add dev interop dir in spi 0x2003 aead " + GCM + " key-file ";
        try (LabGateway gateway = LabGateway.on(lab.host()).start();
                InteropTunnel _ = InteropTunnel.open(gateway, lab, ROW)) {
            String before = sa(gateway, "show").orThrow().out();
            assertRefused(sa(gateway, add + wide), "wider than its owner's to read and write");
            assertRefused(sa(gateway, add + own + " mark 8"), "mark: 8 is not the tunnel's ikey: use 7");
            assertRefused(
                    sa(gateway, add + own + " src 203.0.113.9"), "src is 203.0.113.9, but tunnel \"interop\" has");
            assertRefused(sa(gateway, add.replace("0x2003", "0x2002") + own), "another association of this direction");
            assertRefused(sa(gateway, add.replace("interop", "nope") + own), "there is no tunnel \"nope\"");
            assertRefused(sa(gateway, add.replace(GCM, "gcm(aes)") + own), "no such combination of algorithms");
            assertRefused(sa(gateway, "del dev interop dir out spi 0x2003"), "has no security association");
            sa(gateway, add + own).orThrow();
            assertRefused(
                    sa(gateway, add.replace("0x2003", "0x2004") + own),
                    "is that of tunnel \"interop\", dir in spi 0x2003");
            sa(gateway, "del dev interop dir in spi 0x2003").orThrow();
            assertThat(sa(gateway, "show")
                            .orThrow()
                            .out()
                            .replaceAll("\\d+\\((sec|bytes|packets)\\)|seq 0x\\p{XDigit}+", ""))
                    .isEqualTo(before.replaceAll("\\d+\\((sec|bytes|packets)\\)|seq 0x\\p{XDigit}+", ""));
        }
    }

    /** What a gateway says, and what of it others may see or find later: keys in no form, be it as digits or as bytes. */
    @Test
    void keepsItsKeysToItself() throws IOException {
        Host host = GuestLab.shared().host();
        TunnelSpec ours = InteropTunnel.ours(ROW, host.directory());
        String added = KeyFiles.key(20, 31);
        Path crash = directory.resolve("crash.log");
        Path heap = directory.resolve("heap.hprof");
        try (LabGateway gateway = LabGateway.on(host)
                .jvmFlags("-XX:ErrorFile=" + crash)
                .tunnel(ours)
                .start()) {
            sa(gateway, "add dev interop dir in spi 0x2003 aead " + GCM + " key-file " + keyFile(added, "rw-------"))
                    .orThrow();
            List<String> keys = new ArrayList<>(List.of(added));
            for (SaSpec sa : ours.sa()) {
                for (Path file : sa.keyFiles()) {
                    keys.add(Files.readString(file).strip());
                }
            }
            StringBuilder said = new StringBuilder();
            for (String command : List.of("show", "-j show", "show --config", "-j sa show", "-j stats", "drops")) {
                said.append(gateway.culvert(command.split(" ")).orThrow().out());
            }
            Path process = Path.of("/proc", Long.toString(gateway.process().pid()));
            String jcmd =
                    Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
            host.exec(jcmd, process.getFileName().toString(), "GC.heap_dump", "-all", heap.toString())
                    .orThrow();
            assertHasNone(heap, keys, ours.sa().getFirst().keyFiles().getFirst().toString());
            assertHasNone(process.resolve("cmdline"), keys, "io.culvert");
            assertHasNone(process.resolve("environ"), keys, "CULVERT_STATE_DIRECTORY");
            gateway.process().signal("SEGV");
            gateway.process().exitCode(Duration.ofSeconds(60));
            assertHasNone(crash, keys, "SIGSEGV");
            said.append(gateway.process().outputLines())
                    .append(gateway.process().errorLines());
            assertThat(said).contains("key-file").doesNotContain(keys.toArray(CharSequence[]::new));
        }
    }

    /** @param present what must be there, or else this would prove nothing */
    private static void assertHasNone(Path file, List<String> keys, String present) throws IOException {
        String content = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertThat(content.contains(present)).as("%s has %s", file, present).isTrue();
        for (String key : keys) {
            byte[] bytes = Hex.bytes(key);
            String raw = new String(bytes, 0, 16, StandardCharsets.ISO_8859_1);
            // As a crash file shows memory and registers: words of eight bytes.
            String word = HexFormat.of()
                    .toHexDigits(ByteBuffer.wrap(bytes)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong());
            String wide = String.join("\0", key.split(""));
            for (String form : List.of(key, key.toUpperCase(Locale.ROOT), raw, word, wide)) {
                assertThat(content.contains(form)).as("a key in %s", file).isFalse();
            }
        }
    }

    private static void assertRefused(CommandResult result, String why) {
        assertThat(result.exit()).as(result.err()).isEqualTo(2);
        assertThat(result.err()).contains(why);
    }
}
