package io.culvert.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import io.culvert.control.RequestHandler;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

class ReadOnlySocketTest {

    private final ObjectNode none = JsonNodeFactory.instance.objectNode();
    private final List<String> asked = new ArrayList<>();
    private final RequestHandler handler = ReadOnlySocket.readOnly((command, _) -> {
        asked.add(command);
        return none;
    });

    @Test
    void letsLook() throws ControlException {
        handler.handle("show", none);
        handler.handle("config", none);
        handler.handle("explain", none);

        assertThat(asked).containsExactly("show", "config", "explain");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tunnel-add", "tunnel-change", "tunnel-del", "reload", "diff", "confirm", "stop", "what"})
    void refusesTheRest(String command) {
        ControlException refusal = catchThrowableOfType(ControlException.class, () -> handler.handle(command, none));

        assertThat(refusal.exitCode()).isEqualTo(ExitCode.PRIVILEGE);
        assertThat(refusal).hasMessageContaining("read-only").hasMessageContaining(command);
        assertThat(asked).isEmpty();
    }
}
