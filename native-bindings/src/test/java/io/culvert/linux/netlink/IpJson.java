package io.culvert.linux.netlink;

import io.culvert.linux.TestNamespace;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What iproute2, the judge from outside, says of a namespace. */
final class IpJson {

    private static final JsonMapper MAPPER = JsonMapper.shared();

    private final TestNamespace namespace;

    IpJson(TestNamespace namespace) {
        this.namespace = namespace;
    }

    /** The entries that {@code ip -j} prints for these arguments. */
    List<JsonNode> list(String... arguments) {
        List<String> command = new ArrayList<>(List.of("-j", "-d", "-s", "-N"));
        command.addAll(List.of(arguments));
        String output = namespace.ip(command.toArray(String[]::new));
        List<JsonNode> entries = new ArrayList<>();
        // A list without entries is printed as nothing, a missing device as {}.
        if (!output.isBlank()) {
            MAPPER.readTree(output).forEach(entry -> {
                if (!entry.isEmpty()) {
                    entries.add(entry);
                }
            });
        }
        return entries;
    }

    JsonNode link(String name) {
        return list("link", "show", "dev", name).getFirst();
    }

    /** Reads a number or text, or {@code otherwise} if the entry has no such field. */
    static String text(JsonNode entry, String field, String otherwise) {
        JsonNode value = entry.path(field);
        return value.isMissingNode() ? otherwise : value.asString();
    }
}
