/** Pseudo-terminals: a serial line whose other end is a file descriptor. See {@link io.culvert.linux.pty.PseudoTerminal}. */
@NullMarked
package io.culvert.linux.pty;

import org.jspecify.annotations.NullMarked;
