/**
 * {@code ip tunnel}'s and {@code ip l2tp}'s command lines and output for the tunnels of a running gateway: words, messages,
 * exit statuses and formats are iproute2's, so that scripts written for it work. Runs on the main thread.
 */
@NullMarked
package io.culvert.cli.iptunnel;

import org.jspecify.annotations.NullMarked;
