/** A packet's way through the gateway: slots, the three stages of each path, fused and staged wiring. Runs on the path's threads. */
@NullMarked
package io.culvert.pipeline;

import org.jspecify.annotations.NullMarked;
