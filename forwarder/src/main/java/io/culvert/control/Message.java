package io.culvert.control;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The lines of the control socket, schema 1, each a JSON object:
 *
 * <pre>
 * {"schema":1,"command":"tunnel-del","arguments":{"name":"gre1"}}
 * {"schema":1,"ok":true,"result":{}}
 * {"schema":1,"ok":false,"exit":2,"error":"..."}
 * </pre>
 */
final class Message {

    static final int SCHEMA = 1;

    private Message() {}

    /** A request as it came in. */
    record Request(String command, ObjectNode arguments) {}

    static String request(String command, ObjectNode arguments) {
        ObjectNode message = message();
        message.put("command", command);
        message.set("arguments", arguments);
        return JsonText.write(message);
    }

    static String success(ObjectNode result) {
        ObjectNode message = message();
        message.put("ok", true);
        message.set("result", result);
        return JsonText.write(message);
    }

    static String failure(int exitCode, String error) {
        return JsonText.write(message().put("ok", false).put("exit", exitCode).put("error", error));
    }

    private static ObjectNode message() {
        return JsonNodeFactory.instance.objectNode().put("schema", SCHEMA);
    }

    static Request parseRequest(String line) throws ControlException {
        ObjectNode message = parse(line, "request");
        JsonNode command = message.get("command");
        if (command == null || !command.isString()) {
            throw new ControlException(ExitCode.REFUSED, "the request has no \"command\"");
        }
        JsonNode arguments = message.get("arguments");
        if (arguments == null) {
            return new Request(command.stringValue(), JsonNodeFactory.instance.objectNode());
        }
        if (!(arguments instanceof ObjectNode object)) {
            throw new ControlException(ExitCode.REFUSED, "the request's \"arguments\" are not an object");
        }
        return new Request(command.stringValue(), object);
    }

    /** The result of a response. */
    static ObjectNode parseResponse(String line) throws ControlException {
        ObjectNode message = parse(line, "response");
        if (!message.path("ok").asBoolean(false)) {
            throw new ControlException(
                    message.path("exit").asInt(ExitCode.REFUSED),
                    message.path("error").asString("the gateway refused without a word"));
        }
        return message.get("result") instanceof ObjectNode result ? result : JsonNodeFactory.instance.objectNode();
    }

    private static ObjectNode parse(String line, String what) throws ControlException {
        JsonNode message;
        try {
            message = JsonText.read(line);
        } catch (JacksonException e) {
            throw new ControlException(ExitCode.REFUSED, "the " + what + " is not JSON: " + e.getOriginalMessage(), e);
        }
        if (!(message instanceof ObjectNode object)) {
            throw new ControlException(ExitCode.REFUSED, "the " + what + " is not a JSON object");
        }
        JsonNode schema = object.path("schema");
        if (!schema.isIntegralNumber() || schema.asInt(0) != SCHEMA) {
            throw new ControlException(
                    ExitCode.REFUSED,
                    "the " + what + " has schema " + (schema.isMissingNode() ? "none" : schema)
                            + ", this version speaks " + SCHEMA + ": use the same version of gateway and command");
        }
        return object;
    }
}
