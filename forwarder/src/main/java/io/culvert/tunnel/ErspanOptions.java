package io.culvert.tunnel;

import io.culvert.wire.ErspanFlyweight;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What only tunnels of modes erspan and ip6erspan have, in the words of {@code ip link}.
 *
 * @param version 0 for type I, which has no header of its own and goes over IPv4 only, 1 for type II, 2 for type III
 * @param index type II only
 * @param egress whether the frames were leaving where they were mirrored, type III only
 * @param hardwareId type III only
 */
public record ErspanOptions(int version, int index, boolean egress, int hardwareId) {

    /** As {@code ip link} has them. */
    public static final ErspanOptions DEFAULT = new ErspanOptions(1, 0, false, 0);

    /** Whether sent packets are numbered and tell their session. */
    public boolean hasHeader() {
        return version != 0;
    }

    /** Bytes of the header behind GRE. */
    int headerLength() {
        return switch (version) {
            case 0 -> 0;
            case ErspanFlyweight.VERSION_II -> ErspanFlyweight.LENGTH_II;
            default -> ErspanFlyweight.LENGTH_III;
        };
    }

    void addProblems(TunnelSpec spec, List<TunnelSpec.Problem> problems) {
        if (version < 0 || version > ErspanFlyweight.VERSION_III) {
            problems.add(new TunnelSpec.Problem(
                    "erspan_ver", version + " is not a version of ERSPAN", "use 0 for type I, 1 for II, 2 for III"));
        }
        if (version == 0 && spec.mode().isOuterIpv6()) {
            problems.add(new TunnelSpec.Problem(
                    "erspan_ver",
                    "mode " + spec.mode().word() + " has no ERSPAN type I",
                    "use 1 for type II or 2 for III, or mode erspan"));
        }
        if (index < 0 || index > ErspanFlyweight.MAX_INDEX) {
            problems.add(new TunnelSpec.Problem("erspan", index + " is not an index", "use 0 to 1048575"));
        }
        if (hardwareId < 0 || hardwareId > ErspanFlyweight.MAX_HARDWARE) {
            problems.add(new TunnelSpec.Problem("erspan_hwid", hardwareId + " is not a hardware ID", "use 0 to 63"));
        }
        sessionProblem("ikey", spec.ikey(), problems);
        sessionProblem("okey", spec.okey(), problems);
        if (spec.icsum() || spec.ocsum()) {
            problems.add(new TunnelSpec.Problem(
                    spec.icsum() ? "icsum" : "ocsum",
                    "a checksum is not allowed with mode " + spec.mode().word(),
                    "leave it out"));
        }
        if (!hasHeader() && (spec.iseq() || spec.oseq())) {
            problems.add(new TunnelSpec.Problem(
                    spec.iseq() ? "iseq" : "oseq", "ERSPAN type I has no sequence number", "use erspan_ver 1 or 2"));
        }
    }

    private void sessionProblem(String key, @Nullable Integer session, List<TunnelSpec.Problem> problems) {
        if (session == null) {
            return;
        }
        if (!hasHeader()) {
            problems.add(new TunnelSpec.Problem(key, "ERSPAN type I has no session", "use erspan_ver 1 or 2"));
        } else if (session < 0 || session > ErspanFlyweight.MAX_SESSION) {
            problems.add(new TunnelSpec.Problem(
                    key,
                    Integer.toUnsignedString(session) + " is not a session of ERSPAN",
                    "use 0 to " + ErspanFlyweight.MAX_SESSION));
        }
    }
}
