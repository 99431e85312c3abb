/**
 * Route netlink: links, addresses, routes and neighbours, read, changed and watched. {@code RouteNetlink} asks and changes,
 * {@code NetlinkMonitor} tells of changes. One file a message kind, each with what it encodes and what it parses; what the
 * kernel sends is parsed without trust in its lengths.
 */
@NullMarked
package io.culvert.linux.netlink;

import org.jspecify.annotations.NullMarked;
