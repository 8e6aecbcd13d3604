package io.shusuan.agent.backend;

/**
 * What a model takes of one GPU, in bytes.
 *
 * @param gpu its number
 * @param budget what all models of this agent may take there together
 */
public record GpuMemory(int gpu, long bytes, long budget) {}
