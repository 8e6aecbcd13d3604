package io.shusuan.agent.node;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A GPU, how it does, and what follows from how it did.
 *
 * @param sample empty while it does not answer
 * @param lastXid the last error that the driver told of it
 * @param idleSince nothing has run on it since then
 * @param energyJoules what it has used since the agent began to look
 */
public record GpuStatus(
        GpuDescription gpu,
        Optional<GpuSample> sample,
        List<Fault> faults,
        OptionalInt lastXid,
        Optional<Instant> idleSince,
        OptionalDouble energyJoules,
        List<Occupant> processes) {
    public GpuStatus {
        faults = List.copyOf(faults);
        processes = List.copyOf(processes);
    }

    /** A process on the GPU. */
    public record Occupant(int pid, OptionalLong memoryBytes, ProcessOwner owner, Optional<Leak> leak) {}
}
