/**
 * JMH benchmarks of wire formats, tunnel look-up and native calls. What needs the packet path's own classes is measured
 * from inside the package {@code io.culvert.pipeline}.
 */
@NullMarked
package io.culvert.perf.micro;

import org.jspecify.annotations.NullMarked;
