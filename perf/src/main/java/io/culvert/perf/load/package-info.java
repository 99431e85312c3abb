/** Traffic and what is measured of it: TCP rates, paced and numbered UDP, round trips from their intended send time. */
@NullMarked
package io.culvert.perf.load;

import org.jspecify.annotations.NullMarked;
