/**
 * What a tunnel is and what it does to a packet: specification, receive look-up, encapsulation, decapsulation, drop
 * reasons. No I/O and no threads: the pipeline calls it, on the path's threads.
 */
@NullMarked
package io.culvert.tunnel;

import org.jspecify.annotations.NullMarked;
