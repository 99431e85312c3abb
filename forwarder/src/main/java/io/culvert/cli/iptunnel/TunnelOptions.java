package io.culvert.cli.iptunnel;

/**
 * The global options that this command heeds.
 *
 * @param ipv6 {@code -6}
 * @param statistics {@code -s}
 * @param json {@code -j}
 * @param pretty {@code -p}; counts only with {@code -j}
 * @param oneLine {@code -o}
 */
public record TunnelOptions(boolean ipv6, boolean statistics, boolean json, boolean pretty, boolean oneLine) {}
