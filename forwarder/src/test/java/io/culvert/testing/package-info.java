/** What tests of several packages share: outside judges, seeded cases, bytes as hexadecimal text. */
@NullMarked
package io.culvert.testing;

import org.jspecify.annotations.NullMarked;
