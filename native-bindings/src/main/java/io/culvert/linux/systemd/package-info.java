/**
 * What a service says to systemd and is given by it: readiness, reloads, watchdog and open sockets. Without systemd
 * nothing here does anything.
 */
@NullMarked
package io.culvert.linux.systemd;

import org.jspecify.annotations.NullMarked;
