/**
 * IP Encapsulating Security Payload, RFC 4303: security associations with keys, sequence numbers, replay window and
 * lifetimes, and the ciphers that seal and open packets in place. Knows neither slots nor tunnels.
 */
@NullMarked
package io.culvert.esp;

import org.jspecify.annotations.NullMarked;
