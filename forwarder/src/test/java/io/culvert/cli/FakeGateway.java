package io.culvert.cli;

import io.culvert.config.TunnelSpecCodec;
import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import io.culvert.control.RequestHandler;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Answers as a gateway does, without devices. */
final class FakeGateway implements RequestHandler {

    private final List<ObjectNode> tunnels = new ArrayList<>();
    private final List<String> commands = new ArrayList<>();

    /** What was asked but for {@code show}, each as command and arguments. */
    List<String> commands() {
        return commands;
    }

    @Override
    public synchronized ObjectNode handle(String command, ObjectNode arguments) throws ControlException {
        if (!command.equals("show")) {
            commands.add(command + " " + arguments);
        }
        switch (command) {
            case "show" -> {
                return report();
            }
            case "tunnel-add" -> tunnels.add(arguments);
            case "tunnel-change" -> {
                ObjectNode tunnel = find(arguments.path("name").asString(""));
                tunnel.setAll(arguments);
            }
            case "tunnel-del" -> tunnels.remove(find(arguments.path("name").asString("")));
            case "stop" -> tunnels.clear();
            default -> throw new ControlException(ExitCode.REFUSED, "unknown command \"" + command + "\"");
        }
        return JsonNodeFactory.instance.objectNode();
    }

    private ObjectNode find(String name) throws ControlException {
        return tunnels.stream()
                .filter(tunnel -> tunnel.path("name").asString("").equals(name))
                .findFirst()
                .orElseThrow(() -> new ControlException(ExitCode.REFUSED, "no tunnel " + name));
    }

    private ObjectNode report() {
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        report.put("version", "1.2.3")
                .put("uptime-seconds", 63.5)
                .put("lane", "split")
                .put("pipeline", "fused");
        ArrayNode list = report.putArray("tunnels");
        for (ObjectNode spec : tunnels) {
            ObjectNode tunnel =
                    TunnelSpecCodec.encode(TunnelSpecCodec.decode(spec).spec());
            tunnel.put("ifindex", 7).put("mtu", 1472).put("state", "up");
            tunnel.putObject("encapsulation")
                    .put("packets", 10)
                    .put("bytes", 2048)
                    .put("answered", 1)
                    .putObject("drops");
            tunnel.putObject("decapsulation")
                    .put("packets", 1)
                    .put("bytes", 100)
                    .put("answered", 0)
                    .putObject("drops")
                    .put("csum_bad", 3)
                    .put("martian", 4);
            list.add(tunnel);
        }
        ObjectNode decap = report.putArray("paths").addObject();
        decap.put("path", "decap").put("received", 50).put("forwarded", 1).put("answered", 0);
        decap.putObject("drops").put("csum_bad", 3).put("martian", 4).put("no_tunnel", 42);
        report.putArray("threads")
                .addObject()
                .put("name", "encap")
                .put("cpu-seconds", 1.234)
                .put("allocated-bytes", 4096);
        return report;
    }
}
