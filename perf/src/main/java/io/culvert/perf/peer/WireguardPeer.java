package io.culvert.perf.peer;

import io.culvert.lab.Host;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** wireguard-go: a tunnel in user space that encrypts besides. */
final class WireguardPeer implements Peer {

    @Override
    public String id() {
        return "wireguard-go";
    }

    @Override
    public String version() {
        return Tools.version("wireguard-go", "--version");
    }

    @Override
    public @Nullable String missing() {
        return Tools.missing("wireguard-go wireguard-tools", "wireguard-go", "wg");
    }

    @Override
    public OuterFormat format() {
        return OuterFormat.WIREGUARD;
    }

    @Override
    public boolean takesMergedPackets() {
        return true;
    }

    @Override
    public Ends start(Bed bed) {
        Map<Host, String> publicKeys = new HashMap<>();
        for (Tools.End end : Tools.ends(bed, Ends.INNER)) {
            publicKeys.put(end.here(), makeKey(end.here()));
        }
        for (Tools.End end : Tools.ends(bed, Ends.INNER)) {
            String publicKey = publicKeys.get(end.there());
            start(end, publicKey == null ? "" : publicKey);
        }
        return Ends.INNER;
    }

    private static void start(Tools.End end, String publicKey) {
        Host host = end.here();
        String device = device(host);
        host.start("wireguard-go", "-f", device);
        // wg finds it by this socket, whose directory all namespaces share.
        Tools.await(device, () -> Files.exists(Path.of("/var/run/wireguard", device + ".sock")));
        host.exec(
                        "wg",
                        "set",
                        device,
                        "listen-port",
                        Integer.toString(OuterFormat.WIREGUARD_PORT),
                        "private-key",
                        keyFile(host).toString(),
                        "peer",
                        publicKey,
                        "endpoint",
                        end.otherOuter() + ":" + OuterFormat.WIREGUARD_PORT,
                        "allowed-ips",
                        end.otherInner() + "/32")
                .orThrow();
        Tools.ip(host, "address", "add", end.inner() + "/30", "dev", device);
        Tools.ip(host, "link", "set", "dev", device, "mtu", "1420", "up");
    }

    private static String makeKey(Host host) {
        try {
            Files.writeString(keyFile(host), host.exec("wg", "genkey").orThrow().out());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return host.exec("sh", "-c", "wg pubkey < " + keyFile(host))
                .orThrow()
                .out()
                .strip();
    }

    private static Path keyFile(Host host) {
        return host.directory().resolve("wireguard.key");
    }

    /** Unique on this machine and at most 15 bytes. */
    private static String device(Host host) {
        return "wg" + Integer.toUnsignedString(host.namespace().hashCode(), Character.MAX_RADIX);
    }
}
