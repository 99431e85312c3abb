package io.culvert.cli;

/** A command that another module adds to {@code culvert}; found by {@link java.util.ServiceLoader}. */
public interface CommandExtension {

    /** A picocli command object. */
    Object command();
}
