package io.culvert.cli;

import java.io.PrintStream;
import java.util.Map;

/**
 * What a command works with besides its arguments.
 *
 * @param out standard output
 * @param err standard error
 * @param environment environment variables
 * @param runner what {@code run} calls
 */
record Context(PrintStream out, PrintStream err, Map<String, String> environment, GatewayRunner runner) {}
