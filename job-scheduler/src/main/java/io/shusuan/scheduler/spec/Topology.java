package io.shusuan.scheduler.spec;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How near to each other the tasks of a job have to run.
 *
 * @param level of what one shall hold them all: a level that the cluster's settings name, or {@code node}; null where it does not matter
 * @param required whether the job rather waits than runs spread further
 * @param packing how its tasks are dealt to nodes
 */
public record Topology(@Nullable String level, boolean required, Packing packing) {

    public enum Packing {
        /** On as few nodes as possible. */
        PACK,
        /** On as many nodes as possible. */
        SPREAD,
        /** Where one of the level does not hold them all, on few of these, each with as many as the others. */
        BALANCE
    }

    public Topology {
        packing = Objects.requireNonNullElse(packing, Packing.PACK); // there was no choice in what was stored earlier
    }
}
