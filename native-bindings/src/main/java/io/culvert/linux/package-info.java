/**
 * Linux system calls by the Foreign Function and Memory API, and the small objects that every user of them needs:
 * errors, descriptors, memory, waiting, processors, namespaces. Nothing here knows of tunnels.
 */
@NullMarked
package io.culvert.linux;

import org.jspecify.annotations.NullMarked;
