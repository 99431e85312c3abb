package io.culvert.cli;

import io.culvert.cli.iptunnel.L2tpGateway;
import io.culvert.cli.iptunnel.RunningTunnel;
import io.culvert.config.ConfigLoader;
import io.culvert.config.SavedTunnels;
import io.culvert.config.TunnelSpecCodec;
import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import io.culvert.tunnel.L2tpTunnel;
import io.culvert.tunnel.TunnelSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The running gateway, where each change is also written to {@code conf.d}, so that the next start knows of it. */
final class SavingGateway implements L2tpGateway {

    private final GatewayConnection gateway;
    private final CulvertCommand culvert;

    SavingGateway(GatewayConnection gateway, CulvertCommand culvert) {
        this.gateway = gateway;
        this.culvert = culvert;
    }

    @Override
    public List<RunningTunnel> tunnels() throws ControlException {
        return gateway.tunnels();
    }

    @Override
    public void add(TunnelSpec spec) throws ControlException {
        SavedTunnels saved = saved(spec.name());
        gateway.add(spec);
        write(saved, spec.name());
    }

    @Override
    public void change(TunnelSpec spec) throws ControlException {
        SavedTunnels saved = saved(spec.name());
        gateway.change(spec);
        write(saved, spec.name());
    }

    @Override
    public void changeSit(TunnelSpec spec) throws ControlException {
        SavedTunnels saved = saved(spec.name());
        gateway.changeSit(spec);
        write(saved, spec.name());
    }

    @Override
    public void delete(String name) throws ControlException {
        SavedTunnels saved = saved(name);
        gateway.delete(name);
        deleteFile(saved, name);
    }

    @Override
    public List<L2tpTunnel> l2tpTunnels() throws ControlException {
        return gateway.l2tpTunnels();
    }

    /** Nothing is written: the files of its sessions say all of it. */
    @Override
    public void addL2tpTunnel(L2tpTunnel tunnel) throws ControlException {
        gateway.addL2tpTunnel(tunnel);
    }

    @Override
    public void deleteL2tpTunnel(int id) throws ControlException {
        Map<String, SavedTunnels> sessions = new LinkedHashMap<>();
        for (RunningTunnel tunnel : gateway.tunnels()) {
            TunnelSpec spec = tunnel.spec();
            if (spec.mode().isL2tp() && spec.l2tp().tunnelId() == id) {
                sessions.put(spec.name(), saved(spec.name()));
            }
        }
        gateway.deleteL2tpTunnel(id);
        for (Map.Entry<String, SavedTunnels> session : sessions.entrySet()) {
            deleteFile(session.getValue(), session.getKey());
        }
    }

    private static void deleteFile(SavedTunnels saved, String name) throws ControlException {
        try {
            saved.delete(name);
        } catch (IOException e) {
            throw notSaved(saved, name, e);
        }
    }

    /** Adds or deletes a security association: {@code sa-add} or {@code sa-del}. */
    void association(String command, ObjectNode arguments) throws ControlException {
        String name = arguments.path("dev").asString("");
        SavedTunnels saved = saved(name);
        gateway.association(command, arguments);
        write(saved, name);
    }

    /**
     * What a change kept of the tunnel's former specification is saved too, so it is asked for; once more after writing, as
     * another command may have changed and saved it meanwhile, and whoever writes last must know it all.
     */
    private void write(SavedTunnels saved, String name) throws ControlException {
        @Nullable TunnelSpec written = null;
        for (TunnelSpec present = running(name); present != null; present = running(name)) {
            if (present.equals(written)) {
                return;
            }
            writeSpec(saved, present);
            written = present;
        }
        if (written != null) {
            deleteFile(saved, name);
        }
        throw new ControlException(ExitCode.REFUSED, "tunnel \"" + name + "\" is gone again: nothing was saved");
    }

    private @Nullable TunnelSpec running(String name) throws ControlException {
        for (JsonNode tree : gateway.config().path("config").path("tunnel")) {
            if (tree.path("name").asString("").equals(name)) {
                return TunnelSpecCodec.decode((ObjectNode) tree).spec();
            }
        }
        return null;
    }

    private static void writeSpec(SavedTunnels saved, TunnelSpec spec) throws ControlException {
        try {
            saved.write(spec);
        } catch (IOException e) {
            throw notSaved(saved, spec.name(), e);
        }
    }

    private static ControlException notSaved(SavedTunnels saved, String name, IOException cause) {
        return new ControlException(
                ExitCode.REFUSED,
                "the gateway has the change, but " + saved.file(name) + " cannot be written: " + cause
                        + ": the change is lost at the next start",
                cause);
    }

    /** Before anything is changed: whether it can be saved at all. */
    private SavedTunnels saved(String name) throws ControlException {
        ObjectNode config = gateway.config();
        String confD = config.path("conf-d").asString("");
        Path file = Path.of(config.path("file").asString(""));
        if (confD.isEmpty()) {
            throw new ControlException(
                    ExitCode.REFUSED,
                    "--save: the gateway reads " + file
                            + " and no conf.d: start it with --conf-d DIRECTORY, or edit the file");
        }
        Path directory = Path.of(confD);
        Path read = java.nio.file.Files.isDirectory(directory) ? directory : null;
        SavedTunnels saved = new SavedTunnels(
                directory, ConfigLoader.load(file, read, culvert.context().environment()));
        String elsewhere = saved.definedElsewhere(name);
        if (elsewhere != null) {
            throw new ControlException(
                    ExitCode.REFUSED,
                    "--save: tunnel \"" + name + "\" is defined at " + elsewhere
                            + ": change it there, then `culvert reload`");
        }
        return saved;
    }
}
