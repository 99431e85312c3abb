package io.culvert.cli.iptunnel;

import io.culvert.tunnel.Ipv6Outer;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.wire.AddressText;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Prints tunnels over IPv6 as {@code ip -6 tunnel show} does. */
final class Ipv6Printer {

    private static final int CLASS_SHIFT = 20;

    private Ipv6Printer() {}

    /** What stands between name and GRE options. */
    static String line(TunnelSpec spec) {
        Ipv6Outer outer = spec.ipv6();
        StringBuilder text =
                new StringBuilder(spec.name()).append(": ").append(spec.mode().family());
        text.append(" remote ").append(address(spec.remote()));
        text.append(" local ").append(address(spec.local()));
        if (spec.dev() != null) {
            text.append(" dev ").append(spec.dev());
        }
        text.append(" encaplimit ").append(outer.encapLimit() < 0 ? "none" : String.valueOf(outer.encapLimit()));
        text.append(" hoplimit ").append(spec.ttl() == 0 ? "inherit" : String.valueOf(spec.ttl()));
        text.append(" tclass ").append(trafficClass(outer));
        text.append(" flowlabel ").append(flowLabel(outer));
        text.append(" (flowinfo ").append(flowInfo(outer)).append(')');
        if (outer.dscpInherit()) {
            text.append(" dscp inherit");
        }
        if (outer.allowLocalRemote()) {
            text.append(" allow-localremote");
        }
        return text.toString();
    }

    /** The members of {@code ip -j -6 tunnel show} up to the GRE options, each as a name and its value in JSON. */
    static List<String[]> members(TunnelSpec spec) {
        Ipv6Outer outer = spec.ipv6();
        List<String[]> members = new ArrayList<>();
        members.add(text("ifname", spec.name()));
        members.add(text("mode", spec.mode().family()));
        members.add(text("remote", address(spec.remote())));
        members.add(text("local", address(spec.local())));
        if (spec.dev() != null) {
            members.add(text("link", spec.dev()));
        }
        members.add(
                outer.encapLimit() < 0
                        ? nothing("ip6_tnl_f_ign_encap_limit")
                        : new String[] {"encap_limit", String.valueOf(outer.encapLimit())});
        if (spec.ttl() != 0) {
            members.add(new String[] {"hoplimit", String.valueOf(spec.ttl())});
        }
        members.add(
                outer.trafficClass() < 0 ? nothing("ip6_tnl_f_use_orig_tclass") : text("tclass", trafficClass(outer)));
        members.add(
                outer.flowLabel() < 0 ? nothing("ip6_tnl_f_use_orig_flowlabel") : text("flowlabel", flowLabel(outer)));
        members.add(text("flowinfo", flowInfo(outer)));
        if (outer.dscpInherit()) {
            members.add(nothing("ip6_tnl_f_rcv_dscp_copy"));
        }
        if (outer.allowLocalRemote()) {
            members.add(nothing("ip6_tnl_f_allow_local_remote"));
        }
        return members;
    }

    private static String[] text(String name, String value) {
        return new String[] {name, '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"'};
    }

    private static String[] nothing(String name) {
        return new String[] {name, "null"};
    }

    private static String address(@Nullable InetAddress address) {
        return address == null ? "::" : AddressText.of(address);
    }

    private static String trafficClass(Ipv6Outer outer) {
        return outer.trafficClass() < 0 ? "inherit" : String.format("0x%02x", outer.trafficClass());
    }

    private static String flowLabel(Ipv6Outer outer) {
        return outer.flowLabel() < 0 ? "inherit" : String.format("0x%05x", outer.flowLabel());
    }

    private static String flowInfo(Ipv6Outer outer) {
        int value = Math.max(outer.trafficClass(), 0) << CLASS_SHIFT | Math.max(outer.flowLabel(), 0);
        return String.format("0x%08x", value);
    }
}
