package io.culvert.cli;

import io.culvert.control.JsonText;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** JSON answers: {@code "schema": 1} stands first in every one. */
final class JsonOutput {

    private static final int SCHEMA = 1;

    private JsonOutput() {}

    static ObjectNode answer() {
        return JsonNodeFactory.instance.objectNode().put("schema", SCHEMA);
    }

    static void print(CulvertCommand culvert, ObjectNode answer) {
        culvert.context().out().println(culvert.options().pretty() ? answer.toPrettyString() : JsonText.write(answer));
    }
}
