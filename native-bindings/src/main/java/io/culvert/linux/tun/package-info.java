/** TUN and TAP devices: network interfaces whose other end is a file descriptor. See {@link io.culvert.linux.tun.TunDevice}. */
@NullMarked
package io.culvert.linux.tun;

import org.jspecify.annotations.NullMarked;
