/**
 * Small eBPF programs without a compiler: assembled by {@code BpfAssembler}, loaded as {@code BpfProgram}, attached to a
 * device as {@code TcxLink}, told what to do through a {@code BpfMap}. Everything ends with its file descriptor, so a
 * crash leaves nothing behind.
 */
@NullMarked
package io.culvert.linux.bpf;

import org.jspecify.annotations.NullMarked;
