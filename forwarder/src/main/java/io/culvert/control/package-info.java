/** The control socket: JSON lines over a Unix socket, server and client. Never on the path. */
@NullMarked
package io.culvert.control;

import org.jspecify.annotations.NullMarked;
