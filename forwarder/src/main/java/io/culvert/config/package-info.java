/** Reads culvert.toml into records, with every problem at its file, line and column. Called by the command line and the conductor, never on the path. */
@NullMarked
package io.culvert.config;

import org.jspecify.annotations.NullMarked;
