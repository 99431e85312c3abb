/**
 * The gateway as its users have it: processes in network namespaces, real traffic, outside judges. Each test builds its own
 * hosts and removes them; they need root.
 */
@NullMarked
package io.culvert.it;

import org.jspecify.annotations.NullMarked;
