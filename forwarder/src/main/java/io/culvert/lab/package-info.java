/** Network namespaces, veth pairs, gateways and traffic on one host, for demo, tests and measurements; everything it makes it removes. */
@NullMarked
package io.culvert.lab;

import org.jspecify.annotations.NullMarked;
