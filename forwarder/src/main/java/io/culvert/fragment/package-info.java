/** Fragmentation of inner packets that may be fragmented. No I/O, no allocation: called on the path's threads. */
@NullMarked
package io.culvert.fragment;

import org.jspecify.annotations.NullMarked;
