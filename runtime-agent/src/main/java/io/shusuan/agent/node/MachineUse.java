package io.shusuan.agent.node;

/**
 * The machine's own processor and memory.
 *
 * @param utilization of all cores since the last look, from 0 to 1
 */
public record MachineUse(int cores, double utilization, long memoryBytes, long memoryUsedBytes) {}
