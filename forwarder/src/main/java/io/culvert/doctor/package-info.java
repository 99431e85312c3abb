/** Looks at a host as a gateway would use it, and names what is missing, wrong or slow. Never on the path. */
@NullMarked
package io.culvert.doctor;

import org.jspecify.annotations.NullMarked;
