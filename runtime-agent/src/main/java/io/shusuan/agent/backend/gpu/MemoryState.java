package io.shusuan.agent.backend.gpu;

/** Of one GPU's memory, what nobody has, and what there is, in bytes. */
public record MemoryState(long free, long total) {}
