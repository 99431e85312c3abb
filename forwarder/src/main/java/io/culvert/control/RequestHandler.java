package io.culvert.control;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** What the gateway does for a request. */
@FunctionalInterface
public interface RequestHandler {

    /**
     * Carries out one command. Called on the connection's own virtual thread, by several at once: state that the
     * gateway owns is the conductor's to change.
     *
     * @param command such as {@code show}, {@code tunnel-add}, {@code tunnel-change}, {@code tunnel-del}, {@code stop}
     * @param arguments may be empty
     * @return the result; may be empty
     * @throws ControlException if it is refused
     */
    ObjectNode handle(String command, ObjectNode arguments) throws ControlException;

    /** The events that follow the answer to that command until the client hangs up; null if none do. */
    default @Nullable Events events(String command) {
        return null;
    }
}
