/**
 * What {@code culvert bench} compares: tunnels of the kernel, of other programs and of Culvert, each between the two hosts
 * of a lab of its own, and the look at the link that tells whether one is a tunnel at all.
 */
@NullMarked
package io.culvert.perf.peer;

import org.jspecify.annotations.NullMarked;
