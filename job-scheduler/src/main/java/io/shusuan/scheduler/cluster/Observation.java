package io.shusuan.scheduler.cluster;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a cluster sees of one job.
 *
 * @param attempts every try it knows of, ended ones included, in order of their start
 * @param events what the cluster wants told on the job, e.g. "image not used here"; each has a key, and one key is told once
 * @param halted the runs of which the cluster begins nothing more: those that were stopped, or that somebody else has suspended
 * @param standings of the runs that were handed to another scheduler of the cluster
 */
public record Observation(
        List<Attempt> attempts, List<ClusterEvent> events, Set<Integer> halted, Map<Integer, Standing> standings) {

    public static final Observation NOTHING = new Observation(List.of(), List.of());

    public Observation {
        attempts = List.copyOf(attempts);
        events = List.copyOf(events);
        halted = Set.copyOf(halted);
        standings = Map.copyOf(standings);
    }

    public Observation(List<Attempt> attempts, List<ClusterEvent> events) {
        this(attempts, events, Set.of(), Map.of());
    }

    /** What is seen of one run of the job; its former ones are over. */
    public Observation ofRun(int run) {
        return new Observation(
                attempts.stream().filter(attempt -> attempt.run() == run).toList(), events, halted, standings);
    }

    public boolean isHalted(int run) {
        return halted.contains(run);
    }

    /** How a run stands with whom it was handed to; nothing, if that is nobody or nothing of it is there. */
    public @Nullable Standing standing(int run) {
        return standings.get(run);
    }

    /** Something to tell people about a job; the same key is the same news. */
    public record ClusterEvent(String key, boolean warning, String reason, String message) {}
}
