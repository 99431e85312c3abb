package io.culvert.lab;

import io.culvert.testing.Judges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What a guest is booted from: one of Debian's kernels, with iproute2, busybox, ethtool, socat, radvd and perhaps more. */
public enum GuestImage {

    /** The kernel's tunnels. Its flavour is the one for clouds, which boots in half the time. */
    TUNNELS("kernel", "cloud-amd64", List.of("isatapd"), List.of("isatapd")),

    /** PPP, which only the flavour for all machines has, and who speaks it. */
    PPP(
            "kernel-ppp",
            "amd64",
            List.of("ppp", "pptpd", "pptp-linux"),
            List.of("pppd", "pptpd", "pptpctrl", "pptp", "perl", "/usr/lib/pppd/*/pppol2tp.so"));

    private static final Path SCRIPTS = Path.of("src", "test", "guest");

    private final Path kernel;
    private final String flavour;
    private final List<String> packages;
    private final List<String> programs;

    GuestImage(String directory, String flavour, List<String> packages, List<String> programs) {
        this.kernel = Path.of("target", "guest", directory);
        this.flavour = flavour;
        this.packages = packages;
        this.programs = programs;
    }

    /** Skips or, in CI, fails the test where the virtual machine cannot be run. */
    void require() {
        Judges.requireTool("qemu-system-x86_64", "qemu-system-x86");
        Judges.requireTool("busybox", "busybox-static");
        Judges.requireTool("depmod", "kmod");
        Judges.requireTool("ethtool", "ethtool");
        Judges.requireTool("socat", "socat");
        Judges.requireTool("radvd", "radvd");
        Judges.requireTool("perl", "perl-base");
        Judges.requireFile(
                kernel,
                "forwarder/src/test/guest/fetch-kernel forwarder/%s %s %s"
                        .formatted(kernel, flavour, String.join(" ", packages))
                        .strip());
    }

    Path kernel() {
        try (Stream<Path> boot = Files.list(kernel.resolve("boot"))) {
            return boot.filter(file -> file.getFileName().toString().startsWith("vmlinuz-"))
                    .findFirst()
                    .orElseThrow(() -> new LabException("no kernel in " + kernel));
        } catch (IOException e) {
            throw new LabException("no kernel in " + kernel + ": " + e.getMessage(), e);
        }
    }

    /**
     * Packs its root file system.
     *
     * @param tree a directory to make for it
     */
    Path initramfs(Path tree) {
        Programs.run(Stream.concat(
                        Stream.of(SCRIPTS.resolve("make-initramfs").toString(), kernel.toString(), tree.toString()),
                        programs.stream())
                .toArray(String[]::new));
        return Path.of(tree + ".cpio");
    }
}
