/** Measures Culvert: the commands below {@code culvert bench}. Runs on the command line's thread; what is measured runs in JVMs of its own. */
@NullMarked
package io.culvert.perf;

import org.jspecify.annotations.NullMarked;
