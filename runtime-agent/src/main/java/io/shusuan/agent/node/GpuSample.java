package io.shusuan.agent.node;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How a GPU does at a moment; what its kind does not tell is empty.
 *
 * @param utilization percent of the last period in which anything ran on it
 * @param memoryUtilization percent of it in which its memory was read or written
 * @param energyMillijoules since the driver was loaded
 */
public record GpuSample(
        OptionalInt utilization,
        OptionalInt memoryUtilization,
        Optional<Memory> memory,
        OptionalInt temperature,
        OptionalInt powerMilliwatts,
        OptionalInt powerLimitMilliwatts,
        OptionalLong energyMillijoules,
        OptionalInt smClockMhz,
        OptionalInt memoryClockMhz,
        Optional<Ecc> ecc,
        Optional<RemappedRows> remappedRows,
        List<GpuProcess> processes) {
    public GpuSample {
        processes = List.copyOf(processes);
    }

    /** In bytes. What the driver keeps for itself is neither used nor free. */
    public record Memory(long total, long used, long free) {}

    /** Errors of the memory since the driver was loaded: those that were mended, and those that could not be. */
    public record Ecc(long corrected, long uncorrected) {}

    /**
     * Rows of the memory that others stand in for.
     *
     * @param pending some wait for the GPU to be reset
     * @param failed one could not be replaced: the memory is broken
     */
    public record RemappedRows(int correctable, int uncorrectable, boolean pending, boolean failed) {}

    /** A process on a GPU. */
    public record GpuProcess(int pid, OptionalLong memoryBytes) {}
}
