package io.culvert.gateway;

import io.culvert.fragment.Fragment;
import io.culvert.pipeline.DryRun;
import io.culvert.pipeline.DryRun.Outcome;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Tunnel;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelTable;
import io.culvert.tunnel.Verdict;
import io.culvert.wire.PacketPrinter;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Says what becomes of a packet and why, from a dry run of the paths' own stages. Its answers are the trees that
 * {@code culvert explain -j} prints. One thread.
 */
final class Explainer implements AutoCloseable {

    private final DryRun dryRun = new DryRun();

    /**
     * Explains a packet that comes from the network.
     *
     * @param arrivalIndex index of the device that it comes by; 0 if nothing is said of it
     */
    ObjectNode outer(TunnelTable table, byte[] packet, int arrivalIndex) {
        Fragment fragment = Fragment.of(packet);
        if (fragment != null) {
            return held(table, packet, fragment, arrivalIndex);
        }
        Outcome outcome = dryRun.decapsulate(table, packet, arrivalIndex);
        List<String> notes = new ArrayList<>();
        if (outcome.reason() == DropReason.WRONG_DEVICE && outcome.tunnel() != null && arrivalIndex == 0) {
            notes.add("it is taken to arrive by " + outcome.tunnel().spec().dev());
            outcome = dryRun.decapsulate(table, packet, outcome.tunnel().boundIndex());
        }
        ObjectNode answer = answer("decap", packet);
        Tunnel tunnel = outcome.tunnel();
        if (tunnel != null) {
            answer.put("tunnel", tunnel.spec().name());
            answer.put("rule", rule(tunnel.spec()));
        } else if (outcome.reason() == DropReason.KEY_MISMATCH) {
            notes.addAll(keys(table));
        } else if (outcome.reason() == DropReason.L2TP_SESSION) {
            notes.addAll(sessions(table));
        } else if (outcome.reason() == DropReason.PPTP_CALL) {
            notes.addAll(calls(table));
        } else if (outcome.verdict() == Verdict.IGNORE) {
            notes.add("no tunnel has this outer protocol, or no tunnel has this local address");
        }
        return complete(answer, outcome, notes);
    }

    /** A fragment, which the packet sockets leave to the kernel. The first one has the headers that find the tunnel. */
    private ObjectNode held(TunnelTable table, byte[] packet, Fragment fragment, int arrivalIndex) {
        ObjectNode answer = answer("decap", packet);
        List<String> notes = new ArrayList<>();
        notes.add("a fragment: the kernel holds it until the whole packet is there, which the raw socket takes then");
        if (fragment.offset() == 0) {
            Outcome outcome = dryRun.decapsulate(table, fragment.whole(fragment.payload()), arrivalIndex);
            Tunnel tunnel = outcome.tunnel();
            DropReason reason = outcome.reason();
            if (tunnel != null && (reason != DropReason.WRONG_DEVICE || arrivalIndex == 0)) {
                answer.put("tunnel", tunnel.spec().name()).put("rule", rule(tunnel.spec()));
                notes.add("the tunnel is the one that takes the whole packet; what is in it is not judged before");
            } else if (outcome.verdict() == Verdict.IGNORE) {
                notes.add("no tunnel takes the whole packet");
            } else {
                notes.add("as far as the headers go, the whole packet will be dropped: "
                        + (reason == null ? "" : reason.text()));
            }
        } else {
            notes.add("a later fragment has no headers of a tunnel: which one takes the packet, the first one says");
        }
        return complete(answer, new Outcome(Verdict.IGNORE, null, null, false, 0, List.of()), notes);
    }

    /**
     * Explains a packet that a tunnel's device hands over.
     *
     * @param rule why it is that tunnel
     */
    ObjectNode inner(TunnelTable table, Tunnel tunnel, byte[] packet, String rule) {
        Outcome outcome = dryRun.encapsulate(table, tunnel, packet);
        ObjectNode answer = answer("encap", packet);
        answer.put("tunnel", tunnel.spec().name());
        answer.put("rule", rule);
        List<String> notes = new ArrayList<>();
        if (outcome.verdict() == Verdict.FORWARD || outcome.verdict() == Verdict.FRAGMENT) {
            notes.add("identification and sequence number are given when it is sent");
        }
        if (outcome.verdict() != Verdict.DROP || outcome.reason() == DropReason.TOO_BIG) {
            notes.add("the path takes inner packets of " + tunnel.outerHeader().innerMtu() + " bytes");
        }
        return complete(answer, outcome, notes);
    }

    /** A packet that no tunnel's device gets. */
    static ObjectNode elsewhere(byte[] packet, String why) {
        ObjectNode answer = answer("encap", packet);
        answer.put("verdict", word(Verdict.IGNORE));
        answer.putArray("becomes");
        answer.putArray("notes").add(why);
        return answer;
    }

    private static ObjectNode answer(String direction, byte[] packet) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer.put("direction", direction);
        answer.put("packet", print(packet, false, 0));
        return answer;
    }

    private static ObjectNode complete(ObjectNode answer, Outcome outcome, List<String> notes) {
        answer.put("verdict", word(outcome.verdict()));
        DropReason reason = outcome.reason();
        if (reason != null) {
            answer.put("reason", reason.word()).put("meaning", reason.text());
        }
        ArrayNode becomes = answer.putArray("becomes");
        for (byte[] packet : outcome.packets()) {
            becomes.addObject()
                    .put("packet", print(packet, outcome.frames(), outcome.etherType()))
                    .put("hex", HexFormat.of().formatHex(packet));
        }
        ArrayNode noteNodes = answer.putArray("notes");
        notes.forEach(noteNodes::add);
        return answer;
    }

    private static String word(Verdict verdict) {
        return verdict.name().toLowerCase(Locale.ROOT);
    }

    private static String print(byte[] packet, boolean isFrame, int etherType) {
        PacketPrinter printer = new PacketPrinter();
        UnsafeBuffer buffer = new UnsafeBuffer(packet);
        StringBuilder text = new StringBuilder();
        if (etherType != 0) {
            return printer.appendTyped(text, etherType, buffer, 0, packet.length)
                    .toString();
        }
        return isFrame
                ? printer.appendFrame(text, buffer, 0, packet.length).toString()
                : printer.appendPacket(text, buffer, 0, packet.length).toString();
    }

    /** By which pass of the look-up the tunnel was found: its own addresses tell, as each pass knows one kind of tunnel. */
    static String rule(TunnelSpec spec) {
        boolean hasLocal = spec.local() != null;
        boolean hasRemote = spec.remote() != null;
        StringBuilder rule = new StringBuilder();
        if (spec.hasGroup()) {
            rule.append("pass 3: the packet is for the group ").append(text(spec.remote()));
        } else if (hasLocal && hasRemote) {
            rule.append("pass 1: remote and local match");
        } else if (hasRemote) {
            rule.append("pass 2: remote matches, local is any");
        } else if (hasLocal) {
            rule.append("pass 3: local matches, remote is any");
        } else {
            rule.append("pass 4: local and remote are any");
        }
        if (spec.mode().isL2tp()) {
            rule.append(", session_id ").append(sessionId(spec)).append(" matches");
        }
        if (spec.mode() == Mode.PPTP) {
            rule.append(", call_id ").append(spec.pptp().callId()).append(" matches");
        }
        if (spec.mode().isKeyed()) {
            Integer ikey = spec.ikey();
            rule.append(ikey == null ? ", without key" : ", ikey " + Integer.toUnsignedString(ikey) + " matches");
        }
        return spec.dev() == null
                ? rule.toString()
                : rule.append(", bound to ").append(spec.dev()).toString();
    }

    private static List<String> keys(TunnelTable table) {
        List<String> notes = new ArrayList<>();
        for (Tunnel tunnel : table.tunnels()) {
            TunnelSpec spec = tunnel.spec();
            if (spec.mode().isKeyed()) {
                notes.add(spec.name() + " has "
                        + (spec.ikey() == null ? "no ikey" : "ikey " + Integer.toUnsignedString(spec.ikey()))
                        + ", remote " + text(spec.remote()) + ", local " + text(spec.local()));
            }
        }
        return notes;
    }

    private static List<String> sessions(TunnelTable table) {
        return table.tunnels().stream()
                .map(Tunnel::spec)
                .filter(spec -> spec.mode().isL2tp())
                .map(spec -> spec.name() + " has session_id " + sessionId(spec) + ", remote " + text(spec.remote())
                        + ", local " + text(spec.local()))
                .toList();
    }

    private static List<String> calls(TunnelTable table) {
        return table.tunnels().stream()
                .map(Tunnel::spec)
                .filter(spec -> spec.mode() == Mode.PPTP)
                .map(spec -> spec.name() + " has call_id " + spec.pptp().callId() + ", remote " + text(spec.remote())
                        + ", local " + text(spec.local()))
                .toList();
    }

    private static String sessionId(TunnelSpec spec) {
        return Integer.toUnsignedString(spec.l2tp().sessionId());
    }

    private static String text(@Nullable InetAddress address) {
        return address == null ? "any" : address.getHostAddress();
    }

    @Override
    public void close() {
        dryRun.close();
    }
}
