/** {@code culvert explain}: reads a packet from words, hexadecimal or a pcap file, and prints what becomes of it. */
@NullMarked
package io.culvert.cli.explain;

import org.jspecify.annotations.NullMarked;
