package io.culvert.lab;

import java.net.InetAddress;
import java.util.EnumMap;
import java.util.Map;

/**
 * A host for gateways, and a {@link Guest} for the kernel's own tunnels, joined by one link:
 *
 * <pre>
 *  host                                guest
 *  guest0 198.51.100.1/24 ──────────── eth0 198.51.100.2/24
 *         2001:db8:51::1/64                 2001:db8:51::2/64
 * </pre>
 *
 * One of each image is shared by all tests of a JVM, as booting takes seconds; each test removes the tunnels that it adds. The JVM's end
 * removes it. Any thread may call.
 */
public final class GuestLab {

    /** The host's device towards the guest. */
    public static final String DEVICE = "guest0";

    public static final InetAddress HOST = InetAddress.ofLiteral("198.51.100.1");
    public static final InetAddress GUEST = InetAddress.ofLiteral("198.51.100.2");
    public static final InetAddress HOST6 = InetAddress.ofLiteral("2001:db8:51::1");
    public static final InetAddress GUEST6 = InetAddress.ofLiteral("2001:db8:51::2");

    private static final Map<GuestImage, GuestLab> SHARED = new EnumMap<>(GuestImage.class);

    private final Host host;
    private final Guest guest;

    private GuestLab(Host host, Guest guest) {
        this.host = host;
        this.guest = guest;
    }

    /** The lab of this JVM with the kernel's tunnels; see {@link #shared(GuestImage)}. */
    public static GuestLab shared() {
        return shared(GuestImage.TUNNELS);
    }

    /**
     * The lab of this JVM with a guest from that image; built by the first call, and anew if the guest has died. Skips or,
     * in CI, fails the test where the virtual machine cannot be run.
     */
    public static synchronized GuestLab shared(GuestImage image) {
        image.require();
        GuestLab lab = SHARED.get(image);
        if (lab == null || !lab.guest.isAlive()) {
            lab = build(image);
            SHARED.put(image, lab);
        }
        return lab;
    }

    private static GuestLab build(GuestImage image) {
        Host host = Lab.twoHosts().left();
        host.sysctl("net.ipv6.conf.all.disable_ipv6", "0");
        host.sysctl("net.ipv6.conf.default.disable_ipv6", "0");
        host.sysctl("net.ipv6.conf.default.accept_dad", "0");
        Guest guest = Guest.boot(host, DEVICE, image);
        for (InetAddress address : new InetAddress[] {HOST, HOST6}) {
            host.exec("ip", "address", "add", withLength(address), "dev", DEVICE)
                    .orThrow();
        }
        guest.exec("sysctl -w net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0")
                .orThrow();
        guest.exec("ip link set dev lo up && ip link set dev eth0 up").orThrow();
        for (InetAddress address : new InetAddress[] {GUEST, GUEST6}) {
            guest.exec("ip address add " + withLength(address) + " nodad dev eth0")
                    .orThrow();
        }
        return new GuestLab(host, guest);
    }

    private static String withLength(InetAddress address) {
        return address.getHostAddress() + (address.getAddress().length == 4 ? "/24" : "/64");
    }

    /** The host that gateways run on. */
    public Host host() {
        return host;
    }

    public Guest guest() {
        return guest;
    }
}
