package io.shusuan.agent.scheduling;

import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.ServingException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.StreamSupport;

/** A queue's levels of priority, the highest first. A model without priorities has one. */
final class QueueLevels {
    private final List<PriorityLevel> levels;
    private final int defaultLevel;

    private QueueLevels(List<PriorityLevel> levels, int defaultLevel) {
        this.levels = levels;
        this.defaultLevel = defaultLevel;
    }

    static QueueLevels of(ModelConfig config) {
        var batching = config.getDynamicBatching();
        var usual = QueuePolicy.of(batching.getDefaultQueuePolicy());
        var levels = new ArrayList<PriorityLevel>();
        for (long level = 1; level <= Math.max(1, batching.getPriorityLevels()); level++) {
            var own = batching.getPriorityQueuePolicyMap().get(level);
            levels.add(new PriorityLevel(own == null ? usual : QueuePolicy.of(own)));
        }
        return new QueueLevels(levels, (int) Math.max(1, batching.getDefaultPriorityLevel()));
    }

    /** Whether a request may be refused because of its time while nobody looks at the queue. */
    boolean mayRefuseLate() {
        return levels.stream()
                .map(PriorityLevel::policy)
                .anyMatch(policy -> policy.hasDeadlines() && !policy.delaysLate());
    }

    /** The level a request belongs to: a model without priorities has but one, whatever the request says. */
    PriorityLevel of(InferenceRequest request) {
        if (levels.size() == 1) {
            return levels.getFirst();
        }
        long asked = request.parameters().priority();
        return levels.get((asked == 0 ? defaultLevel : (int) asked) - 1);
    }

    /** Refuses a priority the model does not have. */
    void check(InferenceRequest request) {
        long asked = request.parameters().priority();
        if (levels.size() > 1 && asked > levels.size()) {
            throw ServingException.invalid(request.label() + "priority " + asked + " is not one of the " + levels.size()
                    + " levels of model '" + request.model() + "'; 1 is the highest, 0 the default");
        }
    }

    void sortOutLate(long now, Consumer<Waiting> refused) {
        levels.forEach(level -> level.sortOutLate(now, refused));
    }

    Iterable<Waiting> inOrder() {
        return levels.size() == 1
                ? levels.getFirst().inOrder()
                : levels.stream()
                        .flatMap(level -> StreamSupport.stream(level.inOrder().spliterator(), false))
                        .toList();
    }

    List<Waiting> take(int count) {
        var taken = new ArrayList<Waiting>(count);
        levels.forEach(level -> level.moveTo(taken, count));
        return taken;
    }
}
