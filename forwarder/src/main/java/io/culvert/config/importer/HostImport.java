package io.culvert.config.importer;

import io.culvert.config.ConfigWriter;
import io.culvert.config.TunnelSpecCodec;
import io.culvert.tunnel.TunnelSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Collects the tunnels of a host from what {@code ip} prints and from the files of netplan, ifupdown and systemd-networkd,
 * and names what has no place in {@code culvert.toml}. One thread.
 */
public final class HostImport {

    private static final Pattern NETDEV = Pattern.compile("(?m)^\\s*\\[NetDev]");
    private static final Pattern NETPLAN = Pattern.compile("(?m)^\\s*tunnels\\s*:");

    private final List<TunnelSpec> tunnels = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final IpL2tp l2tp = new IpL2tp();

    /**
     * Reads one text, whose format shows from what it says.
     *
     * @param source where it comes from, for the notes
     */
    public void read(String source, String text) {
        l2tp.from(source);
        try {
            for (TunnelDraft draft : drafts(text)) {
                take(source, draft);
            }
        } catch (JacksonException e) {
            notes.add(source + ": cannot be read: " + e.getOriginalMessage());
        }
    }

    /** To be called once all has been read: a session of L2TPv3 may come before its tunnel. */
    public void finish() {
        l2tp.drafts().forEach(found -> take(found.source(), found.draft()));
    }

    private List<TunnelDraft> drafts(String text) {
        if (NETDEV.matcher(text).find()) {
            return NetworkdFile.read(text);
        }
        if (text.stripLeading().startsWith("[")) {
            return IpJson.read(text, l2tp);
        }
        return NETPLAN.matcher(text).find() ? NetplanFile.read(text) : InterfacesFile.read(text, l2tp);
    }

    private void take(String source, TunnelDraft draft) {
        String prefix = source + ": tunnel \"" + draft.name() + "\": ";
        draft.notes().forEach(note -> notes.add(prefix + note));
        if (draft.isRefused()) {
            return;
        }
        TunnelSpecCodec.Decoded decoded = TunnelSpecCodec.decode(draft.tree());
        if (decoded.spec() != null) {
            tunnels.add(decoded.spec());
            return;
        }
        decoded.problems().forEach(problem -> notes.add(prefix + "is not converted: " + problem.message()));
    }

    /** How many tunnels were converted. */
    public int count() {
        return tunnels.size();
    }

    /** What could not be converted, each with the tunnel's name and why. */
    public List<String> notes() {
        return notes;
    }

    /** The tunnels as a {@code culvert.toml}, headed by the notes as comments. */
    public String toToml() {
        StringBuilder toml = new StringBuilder();
        notes.forEach(
                note -> toml.append("# ").append(note.replaceAll("\\R", " ")).append('\n'));
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        ArrayNode array = tree.putArray("tunnel");
        tunnels.forEach(spec -> array.add(TunnelSpecCodec.encode(spec)));
        if (!tunnels.isEmpty()) {
            toml.append(toml.isEmpty() ? "" : "\n").append(ConfigWriter.toToml(tree));
        }
        return toml.toString();
    }
}
