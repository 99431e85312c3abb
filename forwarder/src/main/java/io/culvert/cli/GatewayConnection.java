package io.culvert.cli;

import io.culvert.cli.iptunnel.L2tpGateway;
import io.culvert.cli.iptunnel.RunningTunnel;
import io.culvert.config.L2tpTunnelCodec;
import io.culvert.config.TunnelSpecCodec;
import io.culvert.control.ControlClient;
import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import io.culvert.tunnel.L2tpTunnel;
import io.culvert.tunnel.TunnelSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The running gateway behind a control socket; connects anew for each request. */
final class GatewayConnection implements L2tpGateway {

    /** What {@code ip tunnel} has no words for, so that a change keeps it. */
    private static final List<String> KEPT_BY_CHANGE = List.of("mtu", "addresses", "routes", "inner-source");

    private final Path socket;

    GatewayConnection(Path socket) {
        this.socket = socket;
    }

    ObjectNode show() throws ControlException {
        return request("show", arguments());
    }

    ObjectNode explain(ObjectNode question) throws ControlException {
        return request("explain", question);
    }

    /** A connection whose next lines are events; the caller closes it. */
    ControlClient monitor() throws ControlException {
        ControlClient client = ControlClient.connect(socket, ControlClient.TIMEOUT);
        try {
            client.request("monitor", arguments());
            return client;
        } catch (ControlException e) {
            client.close();
            throw e;
        }
    }

    /** The running configuration as a tree, and where its file is. */
    ObjectNode config() throws ControlException {
        return request("config", arguments());
    }

    ObjectNode diff(ObjectNode arguments) throws ControlException {
        return request("diff", arguments);
    }

    ObjectNode reload(ObjectNode arguments) throws ControlException {
        return request("reload", arguments);
    }

    void confirm() throws ControlException {
        request("confirm", arguments());
    }

    void stop() throws ControlException {
        request("stop", arguments());
    }

    @Override
    public List<RunningTunnel> tunnels() throws ControlException {
        List<RunningTunnel> tunnels = new ArrayList<>();
        for (JsonNode tunnel : show().path("tunnels")) {
            tunnels.add(RunningTunnel.read(tunnel));
        }
        return tunnels;
    }

    @Override
    public void add(TunnelSpec spec) throws ControlException {
        request("tunnel-add", TunnelSpecCodec.encode(spec));
    }

    @Override
    public void change(TunnelSpec spec) throws ControlException {
        request("tunnel-change", TunnelSpecCodec.encode(spec).remove(KEPT_BY_CHANGE));
    }

    @Override
    public void changeSit(TunnelSpec spec) throws ControlException {
        ObjectNode tree = TunnelSpecCodec.encode(spec).remove(KEPT_BY_CHANGE);
        request("tunnel-change", TunnelSpecCodec.putSit(tree, spec.sit()));
    }

    @Override
    public void delete(String name) throws ControlException {
        request("tunnel-del", arguments().put("name", name));
    }

    @Override
    public List<L2tpTunnel> l2tpTunnels() throws ControlException {
        List<L2tpTunnel> tunnels = new ArrayList<>();
        for (JsonNode tree : show().path("l2tp-tunnels")) {
            L2tpTunnel tunnel = L2tpTunnelCodec.decode((ObjectNode) tree).tunnel();
            if (tunnel == null) {
                throw new ControlException(ExitCode.INTERNAL, "the gateway's answer is not understood: " + tree);
            }
            tunnels.add(tunnel);
        }
        return tunnels;
    }

    @Override
    public void addL2tpTunnel(L2tpTunnel tunnel) throws ControlException {
        request("l2tp-tunnel-add", L2tpTunnelCodec.encode(tunnel));
    }

    @Override
    public void deleteL2tpTunnel(int id) throws ControlException {
        request("l2tp-tunnel-del", arguments().put("tunnel_id", Integer.toUnsignedLong(id)));
    }

    /** Adds or deletes a security association: {@code sa-add} or {@code sa-del}. */
    void association(String command, ObjectNode arguments) throws ControlException {
        request(command, arguments);
    }

    private ObjectNode request(String command, ObjectNode arguments) throws ControlException {
        try (ControlClient client = ControlClient.connect(socket, ControlClient.TIMEOUT)) {
            return client.request(command, arguments);
        }
    }

    private static ObjectNode arguments() {
        return JsonNodeFactory.instance.objectNode();
    }
}
