/** Reads the tunnels that a Linux host has or configures by other means, as trees with the keys of {@code culvert.toml}. */
@NullMarked
package io.culvert.config.importer;

import org.jspecify.annotations.NullMarked;
