package io.culvert.doctor;

import io.culvert.esp.CryptoLibrary;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the kernel says of the host through its files.
 *
 * @param root where {@code dev}, {@code proc} and {@code sys} are, so that tests can show it another host
 */
record HostChecks(Path root) {

    private static final int CAP_NET_ADMIN = 12;
    private static final int CAP_NET_RAW = 13;
    private static final int CAP_SYS_ADMIN = 21;
    private static final int CAP_BPF = 39;

    /** Descriptors that a gateway has besides one for each tunnel's device. */
    private static final int OTHER_FILES = 200;

    /** The devices that Linux's own tunnel modules make, and their modules. */
    private static final Map<String, String> KERNEL_TUNNELS = new TreeMap<>(Map.of(
            "tunl0", "ipip",
            "gre0", "ip_gre",
            "sit0", "sit",
            "ip_vti0", "ip_vti",
            "ip6tnl0", "ip6_tunnel",
            "ip6gre0", "ip6_gre",
            "ip6_vti0", "ip6_vti"));

    static HostChecks ofThisHost() {
        return new HostChecks(Path.of("/"));
    }

    Finding tun() {
        Path node = root.resolve("dev/net/tun");
        if (!Files.exists(node)) {
            return Finding.fail("tun", "/dev/net/tun is not there", "modprobe tun");
        }
        // Opening makes no device, and fails if the driver is missing behind the node.
        try (RandomAccessFile opened = new RandomAccessFile(node.toFile(), "rw")) {
            return opened.getFD().valid()
                    ? Finding.ok("tun", "/dev/net/tun opens")
                    : Finding.fail("tun", "/dev/net/tun does not open", "modprobe tun");
        } catch (IOException e) {
            return Finding.fail(
                    "tun",
                    "/dev/net/tun does not open: " + e.getMessage(),
                    "modprobe tun, and give this user read and write permission: chmod 0666 /dev/net/tun");
        }
    }

    List<Finding> privileges() {
        long held = capabilities();
        List<Finding> findings = new ArrayList<>();
        findings.add(capability(held, CAP_NET_ADMIN, "CAP_NET_ADMIN", "devices, addresses and routes"));
        findings.add(capability(held, CAP_NET_RAW, "CAP_NET_RAW", "packet and raw sockets"));
        boolean mayLoad = has(held, CAP_BPF) || has(held, CAP_SYS_ADMIN);
        findings.add(
                mayLoad
                        ? Finding.ok("privileges", "CAP_BPF is held: the super lane's programs")
                        : Finding.warn(
                                "privileges",
                                "CAP_BPF is missing: no super lane, packets are cut in user space",
                                "run as root, or by the systemd unit, whose AmbientCapabilities has it"));
        return findings;
    }

    private static Finding capability(long held, int capability, String name, String what) {
        return has(held, capability)
                ? Finding.ok("privileges", name + " is held: " + what)
                : Finding.fail(
                        "privileges",
                        name + " is missing: " + what,
                        "run as root, or by the systemd unit, whose AmbientCapabilities has it");
    }

    private static boolean has(long held, int capability) {
        return (held >>> capability & 1) != 0;
    }

    private long capabilities() {
        return field("proc/self/status", "CapEff:")
                .map(text -> Long.parseUnsignedLong(text, 16))
                .orElse(0L);
    }

    List<Finding> kernelTunnels() {
        List<Finding> findings = new ArrayList<>();
        KERNEL_TUNNELS.forEach((device, module) -> {
            if (Files.exists(root.resolve("sys/class/net").resolve(device))) {
                findings.add(Finding.warn(
                        "kernel tunnels",
                        device + " is there: on the raw lane Linux's own module " + module
                                + " sees the packets too, and answers those that no tunnel of its own takes",
                        "modprobe -r " + module + ", unless tunnels of Linux's own are in use"));
            }
        });
        if (findings.isEmpty()) {
            findings.add(Finding.ok("kernel tunnels", "no tunnel module of Linux's own is in the way"));
        }
        return findings;
    }

    Finding returnPath() {
        boolean strict = number("proc/sys/net/ipv4/conf/all/rp_filter") == 1
                || number("proc/sys/net/ipv4/conf/default/rp_filter") == 1;
        return strict
                ? Finding.warn(
                        "return path",
                        "rp_filter is strict: a packet out of a tunnel is dropped where the route back is another",
                        "sysctl -w net.ipv4.conf.all.rp_filter=2 net.ipv4.conf.default.rp_filter=2")
                : Finding.ok("return path", "rp_filter is not strict");
    }

    Finding forwarding() {
        boolean ipv4 = number("proc/sys/net/ipv4/ip_forward") == 1;
        boolean ipv6 = number("proc/sys/net/ipv6/conf/all/forwarding") == 1;
        return Finding.ok(
                "forwarding",
                "IPv4 " + (ipv4 ? "on" : "off") + ", IPv6 " + (ipv6 ? "on" : "off")
                        + (ipv4 && ipv6
                                ? ""
                                : "; other hosts' packets need it: sysctl net.ipv4.ip_forward=1"
                                        + " net.ipv6.conf.all.forwarding=1"));
    }

    Finding openFiles(int tunnels) {
        // The JVM raises its soft limit to the hard one.
        long limit = field("proc/self/limits", "Max open files")
                .map(text -> text.split("\\s+", -1)[1])
                .map(text -> text.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(text))
                .orElse(Long.MAX_VALUE);
        long needed = (long) tunnels + OTHER_FILES;
        return limit >= needed
                ? Finding.ok("open files", "the limit is enough for " + tunnels + " tunnels")
                : Finding.fail(
                        "open files",
                        "the hard limit is " + limit + ", and " + tunnels + " tunnels need " + needed,
                        "ulimit -Hn " + needed + ", or LimitNOFILE=" + needed + " in the systemd unit");
    }

    static Finding encryption() {
        return CryptoLibrary.isPresent()
                ? Finding.ok("encryption", "OpenSSL's libcrypto is there")
                : Finding.fail(
                        "encryption", "vti needs OpenSSL's libcrypto, which is not there", "apt-get install libssl3");
    }

    private long number(String file) {
        try {
            return Long.parseLong(Files.readString(root.resolve(file)).trim());
        } catch (IOException | NumberFormatException e) {
            return -1;
        }
    }

    /** What stands behind that word at the start of a line. */
    private Optional<String> field(String file, String word) {
        try {
            return Files.readAllLines(root.resolve(file)).stream()
                    .filter(line -> line.startsWith(word))
                    .map(line -> line.substring(word.length()).trim())
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
