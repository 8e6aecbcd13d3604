package io.shusuan.agent.scheduling;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/** The places one instance has for sequences. Belongs to a {@link SequenceQueue} and its lock; {@code work} wakes the instance. */
final class SequenceSlots implements BatchSource {
    private final SequenceQueue queue;
    private final @Nullable Sequence[] places;
    private final Condition work;
    private List<Sequence> running = List.of();
    private int bound;

    SequenceSlots(SequenceQueue queue, int places, Condition work) {
        this.queue = queue;
        this.places = new @Nullable Sequence[places];
        this.work = work;
    }

    @Override
    public Taken take() throws InterruptedException {
        return queue.take(this);
    }

    Condition work() {
        return work;
    }

    int count() {
        return places.length;
    }

    int free() {
        return places.length - bound;
    }

    /** Gives a sequence the lowest free place, so that batches of the direct strategy have few empty rows. */
    void bind(Sequence sequence) {
        for (int place = 0; place < places.length; place++) {
            if (places[place] == null) {
                places[place] = sequence;
                sequence.bind(this, place);
                bound++;
                return;
            }
        }
        throw new IllegalStateException("a sequence was given to an instance without a free slot");
    }

    void release(Sequence sequence) {
        places[sequence.slot()] = null;
        bound--;
    }

    /** The sequences with a request to run, the one that has waited longest first. */
    List<Sequence> ready() {
        var ready = new ArrayList<Sequence>();
        for (var sequence : places) {
            if (sequence != null && sequence.isReady()) {
                ready.add(sequence);
            }
        }
        ready.sort(Comparator.comparingLong(sequence -> sequence.next().arrived()));
        return ready;
    }

    List<Sequence> idle() {
        var idle = new ArrayList<Sequence>();
        for (var sequence : places) {
            if (sequence != null && sequence.isIdle()) {
                idle.add(sequence);
            }
        }
        return idle;
    }

    void runs(List<Sequence> sequences) {
        running = List.copyOf(sequences);
    }

    /** The sequences of the batch that was taken last, once. */
    List<Sequence> answered() {
        var done = running;
        running = List.of();
        return done;
    }
}
