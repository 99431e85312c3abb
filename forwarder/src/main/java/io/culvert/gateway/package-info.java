/** The gateway process: its conductor thread, life cycle, devices and routes. Calls everything below; called by the command line. */
@NullMarked
package io.culvert.gateway;

import org.jspecify.annotations.NullMarked;
