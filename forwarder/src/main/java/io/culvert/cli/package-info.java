/** The command line, one class a command. Each runs on the main thread. */
@NullMarked
package io.culvert.cli;

import org.jspecify.annotations.NullMarked;
