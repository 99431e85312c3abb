package io.culvert.lab;

import io.culvert.tunnel.Ipv6Outer;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.wire.IpProtocol;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** What an outside decoder says about captured outer packets of one tunnel. Any thread may call. */
public final class WireJudge {

    private static final String ARP = "arp.opcode";
    private static final String ICMPV6_TYPE = "icmpv6.type";

    /** Router solicitation (RFC 4861) and multicast listener report (RFC 3810). */
    private static final Set<String> HOST_TALK = Set.of("133", "143");

    private static final List<String> HOST_TALK_LINES =
            List.of("ethertype ARP", "router solicitation", "multicast listener report");

    private static final String IPV6_VERSION = "ipv6.version";
    private static final String GRE_FLAGS = "gre.flags_and_version";
    private static final String OPTIONS_NEXT = "ipv6.dstopts.nxt";
    private static final String LIMIT = "ipv6.opt.tel";
    private static final String CALL = "gre.key.call_id";
    private static final String SPI = "esp.spi";
    private static final String[] FIELDS = {
        ARP,
        ICMPV6_TYPE,
        "ip.version",
        "ipv6.nxt",
        OPTIONS_NEXT,
        LIMIT,
        "ip.proto",
        "ip.checksum.status",
        IPV6_VERSION,
        GRE_FLAGS,
        "gre.proto",
        "gre.key",
        "gre.checksum.status",
        "gre.sequence_number",
        "erspan.spanid",
        "l2tp.sid",
        "l2tp.cookie",
        "l2tp.l2_spec_sequence",
        CALL,
        SPI,
        "_ws.malformed"
    };
    private static final int CHECKSUM_PRESENT = 0x8000;
    private static final int KEY_PRESENT = 0x2000;
    private static final int SEQUENCE_PRESENT = 0x1000;

    private WireJudge() {}

    /**
     * A judge's word.
     *
     * @param ok false if a judge found a packet that the tunnel should not have sent
     * @param text for people: the judge and the number of packets, or the first complaint
     */
    public record Word(boolean ok, String text) {}

    /** The word where no judge is installed. */
    static final Word NONE = new Word(true, "no judge: apt-get install tshark tcpdump");

    /** Whether packets can be captured and judged. */
    static boolean isThere() {
        return Requirements.hasProgram("tcpdump");
    }

    /** Asks tshark, or tcpdump where that is missing, whether every packet of the capture is in this tunnel's format. */
    public static Word judge(Path capture, TunnelSpec tunnel) {
        // Of minimal encapsulation tshark knows the number only.
        if (Tshark.isInstalled() && tunnel.mode() != Mode.MINENC) {
            return word(
                    "tshark",
                    withoutHostTalk(Tshark.decode(capture, options(tunnel), FIELDS)),
                    packet -> isExpected(packet, tunnel));
        }
        return judgeByTcpdump(capture, tunnel);
    }

    /** What a packet of L2TPv3 does not say of itself. */
    private static List<String> options(TunnelSpec tunnel) {
        if (!tunnel.mode().isL2tp()) {
            return List.of();
        }
        int cookie = tunnel.l2tp().cookie().length();
        return List.of(
                "-o",
                "l2tp.cookie_size:" + (cookie == 0 ? "None" : cookie + " Byte Cookie"),
                "-o",
                "l2tp.l2_specific:" + (tunnel.l2tp().sublayer() ? "Default L2-Specific" : "None"),
                "-d",
                "l2tp.pw_type==0,eth");
    }

    /** The kernel asks for neighbours and routers whenever it likes, through every tunnel that is there: none of what is judged. */
    private static List<Map<String, String>> withoutHostTalk(List<Map<String, String>> packets) {
        return packets.stream()
                .filter(packet -> isAbsent(packet, ARP) && !HOST_TALK.contains(packet.getOrDefault(ICMPV6_TYPE, "")))
                .toList();
    }

    /** tcpdump alone: it checks IPv4 header checksums, but no GRE checksum. */
    static Word judgeByTcpdump(Path capture, TunnelSpec tunnel) {
        return word("tcpdump", tcpdump(capture), line -> isExpected(line, tunnel));
    }

    private static <T> Word word(String judge, List<T> packets, Predicate<T> expected) {
        if (packets.isEmpty()) {
            return new Word(false, judge + ": no packet seen");
        }
        for (int number = 0; number < packets.size(); number++) {
            if (!expected.test(packets.get(number))) {
                return new Word(false, judge + ": packet " + (number + 1) + " is " + packets.get(number));
            }
        }
        return new Word(true, judge + ": " + packets.size() + " packets right");
    }

    /** What to capture of a tunnel, as tcpdump has it. */
    static String filter(TunnelSpec tunnel) {
        if (!tunnel.mode().isOuterIpv6()) {
            return "ip proto " + tunnel.mode().protocol();
        }
        return tunnel.ipv6().encapLimit() == Ipv6Outer.NO_LIMIT
                ? "ip6 proto 4 or ip6 proto 41 or ip6 proto 47 or ip6 proto 50 or ip6 proto 115"
                : "ip6 proto " + IpProtocol.DESTINATION_OPTIONS;
    }

    private static boolean isExpectedIpv6(Map<String, String> packet, TunnelSpec tunnel) {
        boolean limited = tunnel.ipv6().encapLimit() != Ipv6Outer.NO_LIMIT;
        boolean innerIpv6 = tunnel.mode() == Mode.IP6IP6;
        boolean innerIpv4 = !innerIpv6 && !tunnel.mode().isProtected();
        int number = tunnel.mode().protocol();
        // Mode any6 has that of what it carries.
        String protocol = String.valueOf(number != 0 ? number : IpProtocol.IPV4);
        String next = limited ? String.valueOf(IpProtocol.DESTINATION_OPTIONS) : protocol;
        return packet.getOrDefault("ipv6.nxt", "").split(",", -1)[0].equals(next)
                && packet.getOrDefault(OPTIONS_NEXT, "").equals(limited ? protocol : "")
                && packet.getOrDefault(LIMIT, "")
                        .equals(limited ? String.valueOf(tunnel.ipv6().encapLimit()) : "")
                && packet.getOrDefault(IPV6_VERSION, "").equals(innerIpv6 ? "6,6" : "6")
                && packet.getOrDefault("ip.checksum.status", "").equals(innerIpv4 ? "1" : "")
                && packet.getOrDefault("_ws.malformed", "").isEmpty()
                && isExpectedShim(packet, tunnel);
    }

    private static boolean isExpected(Map<String, String> packet, TunnelSpec tunnel) {
        if (tunnel.mode().isOuterIpv6()) {
            return isExpectedIpv6(packet, tunnel);
        }
        if (tunnel.mode().identity() == Mode.SIT) {
            return packet.getOrDefault("ip.proto", "").equals("41")
                    && packet.getOrDefault("ip.version", "").startsWith("4")
                    && packet.getOrDefault("ip.checksum.status", "").equals("1")
                    && packet.getOrDefault(IPV6_VERSION, "").equals("6")
                    && packet.getOrDefault("_ws.malformed", "").isEmpty();
        }
        boolean showsInner = !tunnel.mode().isProtected() && !isAcknowledgment(packet, tunnel);
        return packet.getOrDefault("ip.proto", "").matches(tunnel.mode().protocol() + (showsInner ? ",\\d+" : ""))
                && packet.getOrDefault("ip.version", "").equals(showsInner ? "4,4" : "4")
                && packet.getOrDefault("ip.checksum.status", "").equals(showsInner ? "1,1" : "1")
                && packet.getOrDefault("_ws.malformed", "").isEmpty()
                && isExpectedShim(packet, tunnel);
    }

    /** Of mode pptp, with no frame. */
    private static boolean isAcknowledgment(Map<String, String> packet, TunnelSpec tunnel) {
        return tunnel.mode() == Mode.PPTP && isAbsent(packet, "gre.sequence_number");
    }

    private static boolean isExpectedShim(Map<String, String> packet, TunnelSpec tunnel) {
        return switch (tunnel.mode().protocol()) {
            case IpProtocol.GRE ->
                tunnel.mode() == Mode.PPTP ? isExpectedCall(packet, tunnel) : isExpectedGre(packet, tunnel);
            case IpProtocol.ESP ->
                tunnel.sa().stream()
                        .anyMatch(sa -> packet.getOrDefault(SPI, "").equals(String.format("0x%08x", sa.spi())));
            case IpProtocol.L2TP -> isExpectedL2tp(packet, tunnel);
            default -> isAbsent(packet, GRE_FLAGS);
        };
    }

    private static boolean isExpectedCall(Map<String, String> packet, TunnelSpec tunnel) {
        return packet.getOrDefault("gre.proto", "").equals("0x880b")
                && packet.getOrDefault(CALL, "")
                        .equals(String.valueOf(tunnel.pptp().peerCallId()));
    }

    private static boolean isExpectedL2tp(Map<String, String> packet, TunnelSpec tunnel) {
        return packet.getOrDefault("l2tp.sid", "")
                        .equals(String.format("0x%08x", tunnel.l2tp().peerSessionId()))
                && packet.getOrDefault("l2tp.cookie", "")
                        .equals(tunnel.l2tp().cookie().toString())
                && tunnel.l2tp().sublayer() != isAbsent(packet, "l2tp.l2_spec_sequence");
    }

    private static boolean isExpectedGre(Map<String, String> packet, TunnelSpec tunnel) {
        int flags = (tunnel.ocsum() ? CHECKSUM_PRESENT : 0)
                | (tunnel.okey() != null && !tunnel.mode().isErspan() ? KEY_PRESENT : 0)
                | (isNumbered(tunnel) ? SEQUENCE_PRESENT : 0);
        String checksum = packet.getOrDefault("gre.checksum.status", "");
        return packet.getOrDefault(GRE_FLAGS, "").equals(String.format("0x%04x", flags))
                && packet.getOrDefault("gre.proto", "").equals(protocolType(tunnel))
                && packet.getOrDefault("gre.key", "").equals(tunnel.mode().isErspan() ? "" : key(tunnel))
                && (!tunnel.mode().isErspan()
                        || packet.getOrDefault("erspan.spanid", "").equals(session(tunnel)))
                && (tunnel.ocsum() ? checksum.equals("1") : !checksum.equals("0"))
                && isNumbered(tunnel) != isAbsent(packet, "gre.sequence_number");
    }

    private static String protocolType(TunnelSpec tunnel) {
        if (!tunnel.mode().isErspan()) {
            return tunnel.mode().isEthernet() ? "0x6558" : "0x0800";
        }
        return tunnel.erspan().version() == 2 ? "0x22eb" : "0x88be";
    }

    private static boolean isNumbered(TunnelSpec tunnel) {
        return tunnel.oseq() || (tunnel.mode().isErspan() && tunnel.erspan().hasHeader());
    }

    private static String session(TunnelSpec tunnel) {
        Integer key = tunnel.okey();
        return !tunnel.erspan().hasHeader() ? "" : key == null ? "0" : String.valueOf(key);
    }

    private static String key(TunnelSpec tunnel) {
        Integer key = tunnel.okey();
        return key == null ? "" : String.format("0x%08x", key);
    }

    private static boolean isAbsent(Map<String, String> packet, String field) {
        return packet.getOrDefault(field, "").isEmpty();
    }

    /** A string a packet: the outer header's line and the lines on what is in it. */
    private static List<String> tcpdump(Path capture) {
        String out = Programs.run("tcpdump", "-n", "-t", "-vv", "-r", capture.toString())
                .out();
        return List.of(out.strip().replaceAll("\n\\s+", " ").split("\n", -1)).stream()
                .filter(line -> !line.isBlank() && HOST_TALK_LINES.stream().noneMatch(line::contains))
                .toList();
    }

    private static boolean isExpected(String line, TunnelSpec tunnel) {
        Integer key = tunnel.mode().isErspan() ? null : tunnel.okey();
        String protocol = switch (tunnel.mode()) {
            case GRE, GRETAP, ERSPAN, PPTP -> "GRE (47)";
            case VTI -> "ESP (50)";
            case SIT, ISATAP -> "IPv6 (41)";
            case MINENC -> "Mobile IP (55)";
            case L2TP -> "unknown (115)";
            default -> "IPIP (4)";
        };
        boolean isOuter = tunnel.mode().isOuterIpv6() ? line.startsWith("IP6 ") : line.contains("proto " + protocol);
        return isOuter
                && !line.contains("bad ")
                && !line.contains("wrong ")
                && line.contains("checksum present") == tunnel.ocsum()
                && (line.contains("sequence# present") == isNumbered(tunnel) || tunnel.mode() == Mode.PPTP)
                && line.contains("key present") == (key != null)
                && (key == null || line.contains(String.format("key=0x%x,", key)));
    }
}
