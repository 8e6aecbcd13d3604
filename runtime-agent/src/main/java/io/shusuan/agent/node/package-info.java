/**
 * What the machine has and how it does: its processor and memory, and its GPUs as NVIDIA's management library (NVML) tells of them.
 *
 * <p>{@code Nvml} is the narrow border to that library: each call gives a record. Behind it stand the library itself, reached by {@code
 * NvmlLibrary}, or a node written by hand in tests; everything that is concluded from what is read (which GPU is not well, which idles, whose
 * memory only grows) is on this side of it, in {@code GpuHistory}.
 */
@NullMarked
package io.shusuan.agent.node;

import org.jspecify.annotations.NullMarked;
