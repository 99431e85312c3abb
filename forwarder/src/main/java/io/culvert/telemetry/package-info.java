/** What a running gateway tells monitoring systems: metrics and health by HTTP. Never on the path. */
@NullMarked
package io.culvert.telemetry;

import org.jspecify.annotations.NullMarked;
