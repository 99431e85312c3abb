package io.culvert.cli.iptunnel;

import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;

/** Names of network devices, as {@code ip} takes them. */
final class DeviceName {

    /** The devices of this thread's network namespace, a line each behind two of headings. */
    private static final Path DEVICES = Path.of("/proc/thread-self/net/dev");

    static final String NO_SUCH_DEVICE = "No such device";

    private DeviceName() {}

    /** Whether {@code ip} takes that as a device's name: looser than the kernel, which has the last word. */
    static boolean isValid(String name) {
        if (name.isEmpty() || name.length() > TunnelSpec.MAX_NAME_LENGTH) {
            return false;
        }
        return name.chars().noneMatch(c -> c == '/' || c == ' ' || (c >= '\t' && c <= '\r'));
    }

    /**
     * The tunnel's name on a command line: a word that is no keyword, or the one behind {@code name}.
     *
     * @param former the name that was read before; empty if none was
     * @param usage what a beginning of {@code help} asks for
     * @throws TunnelException if it is the second name, or none
     */
    static String argument(Words words, String word, String former, String usage) throws TunnelException {
        String name = word;
        if (word.equals("name")) {
            name = words.value();
        } else if (Words.isPrefix(word, "help")) {
            throw TunnelException.unparsable(usage);
        }
        if (!former.isEmpty()) {
            throw TunnelException.unparsable("Error: either \"name\" is duplicate, or \"" + name + "\" is a garbage.");
        }
        if (!isValid(name)) {
            throw TunnelException.wrongArgument(name, "\"name\" not a valid ifname");
        }
        return name;
    }

    /**
     * The device of this network namespace with that name, or with the index N of {@code ifN}.
     *
     * @throws TunnelException if there is none
     */
    static String existing(String name) throws TunnelException {
        try {
            if (exists(name)) {
                return name;
            }
            int index = (int) (name.startsWith("if") ? Numbers.unsigned(name.substring(2), 10, Integer.MAX_VALUE) : -1);
            if (index > 0) {
                NetworkInterface device = NetworkInterface.getByIndex(index);
                return device == null ? name : device.getName();
            }
        } catch (IOException e) {
            throw TunnelException.refused("Cannot find device \"" + name + "\": " + e.getMessage());
        }
        throw TunnelException.refused("Cannot find device \"" + name + "\"");
    }

    /**
     * What the kernel calls a device that is made without a name: the stem and the first number that is free.
     *
     * @param tunnels names of running tunnels, which may have no device at the moment
     */
    static String free(String stem, int from, Set<String> tunnels) {
        int number = from;
        while (tunnels.contains(stem + number) || isTaken(stem + number)) {
            number++;
        }
        return stem + number;
    }

    /** Whether there is a device with that name. */
    static boolean isTaken(String name) {
        try {
            return exists(name);
        } catch (IOException e) {
            // The gateway finds out.
            return false;
        }
    }

    /** The kernel's words for a name that is no tunnel's: there is another device of that name, or none. */
    static String whyNoTunnel(String name) {
        return isTaken(name) ? "Operation not supported" : NO_SUCH_DEVICE;
    }

    /** {@link NetworkInterface#getByName} finds only devices that have an address. */
    private static boolean exists(String name) throws IOException {
        try (Stream<String> lines = Files.lines(DEVICES)) {
            return lines.anyMatch(line -> line.stripLeading().startsWith(name + ":"));
        }
    }
}
