package io.culvert.tunnel;

import io.culvert.esp.SaSpec;
import io.culvert.tunnel.TunnelSpec.Problem;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The rules of a specification, in the order in which their problems are told. Outer addresses are checked by
 * {@link EndpointRules}, and options that are a record of their own by that record's {@code addProblems}.
 */
final class TunnelSpecRules {

    private static final int MAX_MTU = 65_535 - 20;

    private final TunnelSpec spec;
    private final Mode mode;
    private final List<Problem> problems = new ArrayList<>();

    TunnelSpecRules(TunnelSpec spec) {
        this.spec = spec;
        mode = spec.mode();
    }

    /** Everything that is wrong with the specification. */
    List<Problem> problems() {
        checkName();
        new EndpointRules(spec, problems).addProblems();
        if (spec.isEthernet() || spec.isPpp()) {
            checkFrames();
        }
        if (spec.isPpp()) {
            checkPpp();
        }
        if (mode.isErspan()) {
            spec.erspan().addProblems(spec, problems);
        }
        if (mode.isL2tp()) {
            spec.l2tp().addProblems(spec, problems);
        }
        if (mode == Mode.PPTP) {
            spec.pptp().addProblems(problems);
        }
        checkOuterFields();
        if (mode == Mode.MINENC) {
            checkMinenc();
        }
        spec.payload().addProblems(mode, problems);
        spec.sit().addProblems(mode, spec.remote() != null, problems);
        if (!mode.isKeyed()) {
            checkUnkeyed();
        }
        if (mode.isOuterIpv6()) {
            spec.ipv6().addProblems(problems);
            checkScope();
        }
        checkMtu();
        if (spec.encap() != null) {
            spec.encap().addProblems(spec, problems);
        }
        if (spec.keepalive() != null) {
            spec.keepalive().addProblems(spec, problems);
        }
        checkAssociations();
        checkNetworks("routes", spec.routes());
        checkNetworks("inner-source", spec.innerSource());
        return problems;
    }

    private void checkName() {
        if (!TunnelSpec.isValidName(spec.name())) {
            problems.add(new Problem(
                    "name",
                    "\"" + spec.name() + "\" is not a device name",
                    "use 1 to " + TunnelSpec.MAX_NAME_LENGTH
                            + " characters without space, '/' or ':', and not '.' or '..'"));
        }
    }

    private void checkFrames() {
        if (spec.remote() == null && !mode.isOuterIpv6()) {
            problems.add(new Problem(
                    "remote",
                    "mode " + mode.word() + " needs a remote: no route of a device tells where a frame goes",
                    "set remote to the peer's outer address"));
        }
        if (!spec.innerSource().isEmpty()) {
            problems.add(new Problem(
                    "inner-source",
                    "inner-source is not allowed with mode " + mode.word() + ", which carries more than IP",
                    "leave it out, and filter on the device"));
        }
    }

    /** What is a device's has no place where there is none: pppd makes it, and gives it what was negotiated. */
    private void checkPpp() {
        String why = " not allowed with PPP, whose device is pppd's";
        if (!spec.addresses().isEmpty()) {
            problems.add(new Problem("addresses", "addresses are" + why, "leave them out, and give them to pppd"));
        }
        if (!spec.routes().isEmpty()) {
            problems.add(new Problem("routes", "routes are" + why, "leave them out, and add them in /etc/ppp/ip-up"));
        }
        if (spec.mtu() != 0) {
            problems.add(new Problem("mtu", "mtu is" + why, "leave it out, and give mtu and mru to pppd"));
        }
    }

    private void checkOuterFields() {
        int ttl = spec.ttl();
        if (ttl < 0 || ttl > 255) {
            problems.add(new Problem("ttl", ttl + " is not a TTL", "use 1 to 255, or \"inherit\""));
        }
        if (ttl != 0 && !spec.pmtudisc() && !mode.isOuterIpv6()) {
            problems.add(new Problem(
                    "pmtudisc", "ttl " + ttl + " and pmtudisc off are incompatible", "use ttl \"inherit\""));
        }
        if (spec.ignoreDf()) {
            checkIgnoreDf();
        }
        if (spec.tos() < 0 || spec.tos() > 255) {
            problems.add(new Problem("tos", spec.tos() + " is not a TOS value", "use 0x00 to 0xff, or \"inherit\""));
        }
    }

    /** As with {@code ip link}; what it has no word for is left alone, but for l2tp, where Linux never sets DF. */
    private void checkIgnoreDf() {
        if (mode != Mode.GRE && mode != Mode.GRETAP && mode != Mode.ERSPAN && mode != Mode.L2TP) {
            problems.add(new Problem(
                    "ignore-df", "ignore-df is not allowed with mode " + mode.word(), "leave it out, or use mode gre"));
        } else if (spec.pmtudisc()) {
            problems.add(new Problem("ignore-df", "ignore-df and pmtudisc are incompatible", "add pmtudisc = false"));
        }
    }

    /** The outer header is the packet's own, so nothing about it can be chosen. */
    private void checkMinenc() {
        String why = " is not allowed with mode minenc, which keeps the packet's own header";
        if (spec.ttl() != 0) {
            problems.add(new Problem("ttl", "a fixed ttl" + why, "use ttl \"inherit\""));
        }
        if (spec.tos() != 0) {
            problems.add(new Problem("tos", "tos" + why, "leave it out"));
        }
        if (spec.remote() == null && spec.local() != null) {
            problems.add(new Problem("remote", "mode minenc needs a remote", "set remote to the peer's outer address"));
        }
    }

    private void checkUnkeyed() {
        String why = " is not allowed with mode " + mode.word();
        String hint = "use mode " + (mode.isOuterIpv6() ? "ip6gre" : "gre") + ", or leave it out";
        if (!mode.isProtected() && (spec.ikey() != null || spec.okey() != null)) {
            problems.add(new Problem(spec.ikey() != null ? "ikey" : "okey", "a key" + why, hint));
        }
        if (!mode.isL2tp() && (spec.iseq() || spec.oseq())) {
            problems.add(new Problem(spec.iseq() ? "iseq" : "oseq", "a sequence number" + why, hint));
        }
        if (spec.icsum() || spec.ocsum()) {
            problems.add(new Problem(spec.icsum() ? "icsum" : "ocsum", "a checksum" + why, hint));
        }
    }

    /** A link-local address is of one link only. */
    private void checkScope() {
        InetAddress remote = spec.remote();
        if (remote != null && remote.isLinkLocalAddress() && spec.dev() == null) {
            problems.add(new Problem(
                    "dev", "the link-local remote " + remote.getHostAddress() + " needs a device", "add dev"));
        }
    }

    private void checkMtu() {
        int mtu = spec.mtu();
        int least = spec.minMtu();
        if (mtu != 0 && (mtu < least || mtu > MAX_MTU)) {
            problems.add(new Problem(
                    "mtu", mtu + " is not an MTU", "use " + least + " to " + MAX_MTU + ", or leave it out"));
        }
    }

    private void checkAssociations() {
        List<SaSpec> sa = spec.sa();
        if (!mode.isProtected() && !sa.isEmpty()) {
            problems.add(new Problem(
                    "sa", "security associations are not allowed with mode " + mode.word(), "use mode vti or vti6"));
        }
        Set<String> spis = new HashSet<>();
        for (int i = 0; i < sa.size(); i++) {
            String key = "sa[" + i + "]";
            for (SaSpec.Problem problem : sa.get(i).problems()) {
                problems.add(new Problem(key, problem.key() + ": " + problem.message(), problem.hint()));
            }
            if (!spis.add(sa.get(i).direction().word() + sa.get(i).spi())) {
                problems.add(new Problem(key, "spi: another association of this direction has it", "use another SPI"));
            }
        }
    }

    private void checkNetworks(String key, List<Prefix> prefixes) {
        for (int i = 0; i < prefixes.size(); i++) {
            Prefix prefix = prefixes.get(i);
            if (!prefix.isNetwork()) {
                problems.add(new Problem(
                        key + "[" + i + "]",
                        prefix + " has host bits set",
                        "clear the bits beyond /" + prefix.length()));
            }
        }
    }
}
