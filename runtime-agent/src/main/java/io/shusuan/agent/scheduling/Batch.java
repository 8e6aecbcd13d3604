package io.shusuan.agent.scheduling;

import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.metrics.Departure;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Requests that left the queue together, and why they left. Whoever holds the batch owns its requests. Where a model serves sequences,
 * each member's is at the same place of {@code sequences}.
 */
record Batch(List<Waiting> members, Departure why, List<Sequence> sequences) {
    static final Batch EMPTY = new Batch(List.of(), Departure.SINGLE);

    Batch {
        members = List.copyOf(members);
        sequences = List.copyOf(sequences);
    }

    Batch(List<Waiting> members, Departure why) {
        this(members, why, List.of());
    }

    /** One member by itself. */
    Batch only(int member) {
        return new Batch(
                List.of(members.get(member)), why, sequences.isEmpty() ? List.of() : List.of(sequences.get(member)));
    }

    /** Whether its requests come again until they are done. */
    boolean iterates() {
        return !sequences.isEmpty() && sequences.getFirst().iterates();
    }

    /** How many answers the only request's earlier steps have sent. */
    int answersSent() {
        return iterates() && !Sequence.step(members.getFirst()).start()
                ? sequences.getFirst().answersSent()
                : 0;
    }

    boolean isEmpty() {
        return members.isEmpty();
    }

    /** The number of inferences. */
    long size() {
        long size = 0;
        for (var member : members) {
            size += member.batchSize();
        }
        return size;
    }

    /** How a line of the log begins that speaks of these requests. */
    String label() {
        return members.size() == 1
                ? members.getFirst().request().label()
                : "[request id: "
                        + members.stream().map(member -> member.request().id()).collect(Collectors.joining(", "))
                        + "] ";
    }

    void fail(ServingException why) {
        members.forEach(member -> member.fail(why));
    }
}
