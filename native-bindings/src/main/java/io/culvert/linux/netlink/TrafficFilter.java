package io.culvert.linux.netlink;

/**
 * A classifier of a device's clsact queueing discipline.
 *
 * @param priority place in the order of classifiers, 1 to 65,535
 * @param handle number among those of one priority; 0 for the priority itself
 */
public record TrafficFilter(int priority, int handle) {}
