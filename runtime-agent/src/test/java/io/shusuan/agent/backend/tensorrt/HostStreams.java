package io.shusuan.agent.backend.tensorrt;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The streams of the test's engine. Nothing on them is done before it is waited for, which is as late as a GPU may be; or, when a test wants
 * that, copies are done at once where nothing stands before them, which is as early as a GPU may be. What is right must come out right both ways.
 */
final class HostStreams {
    private final Map<Long, Deque<Step>> streams = new HashMap<>();
    private final Map<Long, Mark> events = new HashMap<>();
    private final Map<Long, List<Work>> captures = new HashMap<>();
    private boolean copiesAtOnce;

    /** What stands on a stream. */
    sealed interface Step {}

    /** @param uses the handles and addresses that must be there until it is done */
    record Work(Runnable task, boolean copy, Set<Long> uses) implements Step {}

    private record Wait(Mark mark) implements Step {}

    private static final class Mark implements Step {
        private final long stream;
        private boolean reached;

        Mark(long stream) {
            this.stream = stream;
        }
    }

    void copyAtOnce() {
        copiesAtOnce = true;
    }

    void add(long stream) {
        streams.put(stream, new ArrayDeque<>());
    }

    void remove(long stream) {
        streams.remove(stream);
    }

    void add(long stream, Work work) {
        var capture = captures.get(stream);
        if (capture != null) {
            capture.add(work);
            return;
        }
        steps(stream).addLast(work);
        hurry(stream);
    }

    private Deque<Step> steps(long stream) {
        return Objects.requireNonNull(streams.get(stream), "use of a stream that is not there");
    }

    private void hurry(long stream) {
        var steps = steps(stream);
        while (copiesAtOnce && !steps.isEmpty() && goesAtOnce(steps.getFirst())) {
            step(steps.removeFirst());
        }
    }

    private static boolean goesAtOnce(Step step) {
        return switch (step) {
            case Work work -> work.copy();
            case Wait wait -> wait.mark().reached;
            case Mark _ -> true;
        };
    }

    private void step(Step step) {
        switch (step) {
            case Work work -> work.task().run();
            case Wait wait -> drainTo(wait.mark());
            case Mark mark -> mark.reached = true;
        }
    }

    void drain(long stream) {
        var steps = steps(stream);
        while (!steps.isEmpty()) {
            step(steps.removeFirst());
        }
    }

    private void drainTo(Mark mark) {
        var steps = streams.get(mark.stream);
        while (!mark.reached && steps != null && !steps.isEmpty()) {
            step(steps.removeFirst());
        }
    }

    void clear(long stream) {
        steps(stream).clear();
    }

    void record(long event, long stream) {
        var mark = new Mark(stream);
        events.put(event, mark);
        steps(stream).addLast(mark);
        hurry(stream);
    }

    void await(long stream, long event) {
        var mark = events.get(event);
        if (mark != null) {
            steps(stream).addLast(new Wait(mark));
            hurry(stream);
        }
    }

    void drainToEvent(long event) {
        var mark = events.get(event);
        if (mark != null) {
            drainTo(mark);
        }
    }

    /** What was behind it is lost, as after an error that ends all. */
    void clearOfEvent(long event) {
        var mark = events.get(event);
        if (mark != null) {
            clear(mark.stream);
        }
    }

    boolean uses(long handle) {
        return streams.values().stream()
                .flatMap(Deque::stream)
                .anyMatch(step -> step instanceof Work work && work.uses().contains(handle));
    }

    boolean usesWithin(long begin, long end) {
        return streams.values().stream()
                .flatMap(Deque::stream)
                .anyMatch(step -> step instanceof Work work
                        && work.uses().stream().anyMatch(address -> address >= begin && address < end));
    }

    /** Whether another stream has work that uses it. */
    boolean usesElsewhere(long handle, long stream) {
        return streams.entrySet().stream()
                .filter(each -> each.getKey() != stream)
                .flatMap(each -> each.getValue().stream())
                .anyMatch(step -> step instanceof Work work && work.uses().contains(handle));
    }

    boolean isEmpty(long stream) {
        return steps(stream).isEmpty();
    }

    void beginCapture(long stream) {
        captures.put(stream, new ArrayList<>());
    }

    boolean captures(long stream) {
        return captures.containsKey(stream);
    }

    boolean captures() {
        return !captures.isEmpty();
    }

    @Nullable
    List<Work> endCapture(long stream) {
        return captures.remove(stream);
    }
}
