/** Views over packet bytes, one file a protocol, all of one shape, and the Internet checksum. No I/O, no allocation: called on the path's threads. */
@NullMarked
package io.culvert.wire;

import org.jspecify.annotations.NullMarked;
