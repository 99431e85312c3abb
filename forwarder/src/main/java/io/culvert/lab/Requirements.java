package io.culvert.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** What this host must have before a lab is built, each with the command that mends its absence. */
public final class Requirements {

    private static final Path TUN = Path.of("/dev/net/tun");
    private static final int CAP_NET_ADMIN = 12;
    private static final int CAP_NET_RAW = 13;
    private static final int CAP_SYS_ADMIN = 21;
    private static final Map<String, String> DEBIAN_PACKAGES = Map.of(
            "ip", "iproute2",
            "ethtool", "ethtool",
            "tc", "iproute2",
            "nft", "nftables",
            "tcpdump", "tcpdump",
            "tshark", "tshark",
            "socat", "socat");

    private Requirements() {}

    /**
     * Checks what every lab needs.
     *
     * @throws MissingRequirementException for the first thing that is missing
     */
    static void check(WireMode wireMode) {
        requireProgram("ip", "it makes the network namespaces");
        if (wireMode == WireMode.WIRE) {
            requireProgram("ethtool", "it switches the veth pair's offloads");
        }
        requireCapability(CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "it is needed to make network namespaces");
        requireCapability(CAP_NET_ADMIN, "CAP_NET_ADMIN", "it is needed to make network devices");
        requireCapability(CAP_NET_RAW, "CAP_NET_RAW", "it is needed to open raw sockets");
        if (!Files.exists(TUN)) {
            throw new MissingRequirementException(
                    TUN.toString(),
                    "does not exist, and every tunnel needs it",
                    "mkdir -p /dev/net && mknod /dev/net/tun c 10 200 && chmod 666 /dev/net/tun");
        }
    }

    /**
     * Checks for a program.
     *
     * @param why what it is needed for
     * @throws MissingRequirementException if it is not there
     */
    public static void requireProgram(String program, String why) {
        if (!hasProgram(program)) {
            throw new MissingRequirementException(
                    program,
                    "not found on PATH, and " + why,
                    "apt-get install " + DEBIAN_PACKAGES.getOrDefault(program, program));
        }
    }

    /** Whether a program can be run by its name. */
    public static boolean hasProgram(String program) {
        return Programs.locate(program) != null;
    }

    private static void requireCapability(int bit, String name, String why) {
        if ((effectiveCapabilities() >>> bit & 1) == 0) {
            throw new MissingRequirementException(
                    name, "this process does not have it, and " + why, "run the command as root, such as by sudo");
        }
    }

    private static long effectiveCapabilities() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("CapEff:")) {
                    return Long.parseUnsignedLong(
                            line.substring("CapEff:".length()).strip(), 16);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new LabException("/proc/self/status has no line CapEff");
    }
}
