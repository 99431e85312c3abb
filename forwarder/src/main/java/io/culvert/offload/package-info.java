/**
 * What makes the kernel carry tunnelled super-packets whole: the two small eBPF programs of the super lane, and the test
 * that proves them on this host. Called by the conductor, never on the path.
 */
@NullMarked
package io.culvert.offload;

import org.jspecify.annotations.NullMarked;
