/**
 * Packet, raw and UDP sockets, and the batches that carry packets through one {@code sendmmsg} or {@code recvmmsg}. A
 * socket's set-up throws; its {@code send} and {@code receive} return a count or {@code -errno} and never block.
 */
@NullMarked
package io.culvert.linux.socket;

import org.jspecify.annotations.NullMarked;
