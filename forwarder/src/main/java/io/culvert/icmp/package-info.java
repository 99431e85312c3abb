/**
 * ICMP in answer to packets that a tunnel cannot carry, and how many such answers may be sent. No I/O, no allocation: called
 * on the path's threads.
 */
@NullMarked
package io.culvert.icmp;

import org.jspecify.annotations.NullMarked;
