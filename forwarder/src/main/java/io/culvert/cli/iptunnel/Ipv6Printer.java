package io.culvert.cli.iptunnel;

import io.culvert.tunnel.Ipv6Outer;
import io.culvert.tunnel.TunnelSpec;

/** Prints tunnels over IPv6 as {@code ip -6 tunnel show} does. */
final class Ipv6Printer {

    private static final int CLASS_SHIFT = 20;

    private Ipv6Printer() {}

    /** Appends what stands between the outer addresses and the GRE options. */
    static void append(StringBuilder text, TunnelSpec spec) {
        Ipv6Outer outer = spec.ipv6();
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
    }

    /** Adds the members of {@code ip -j -6 tunnel show} between the outer addresses and the GRE options. */
    static void addMembers(JsonMembers members, TunnelSpec spec) {
        Ipv6Outer outer = spec.ipv6();
        if (spec.dev() != null) {
            members.text("link", spec.dev());
        }
        if (outer.encapLimit() < 0) {
            members.flag("ip6_tnl_f_ign_encap_limit");
        } else {
            members.number("encap_limit", outer.encapLimit());
        }
        if (spec.ttl() != 0) {
            members.number("hoplimit", spec.ttl());
        }
        if (outer.trafficClass() < 0) {
            members.flag("ip6_tnl_f_use_orig_tclass");
        } else {
            members.text("tclass", trafficClass(outer));
        }
        if (outer.flowLabel() < 0) {
            members.flag("ip6_tnl_f_use_orig_flowlabel");
        } else {
            members.text("flowlabel", flowLabel(outer));
        }
        members.text("flowinfo", flowInfo(outer));
        if (outer.dscpInherit()) {
            members.flag("ip6_tnl_f_rcv_dscp_copy");
        }
        if (outer.allowLocalRemote()) {
            members.flag("ip6_tnl_f_allow_local_remote");
        }
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
