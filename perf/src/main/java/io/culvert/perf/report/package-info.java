/** What was measured, in memory and for people: spreads, ratios with their bounds, tables, JSON and charts. */
@NullMarked
package io.culvert.perf.report;

import org.jspecify.annotations.NullMarked;
