package io.shusuan.agent.metrics;

import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.metrics.ModelStatistics.Total;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the answers of a decoupled model took, by their place among the answers to one request. */
public final class ResponseStatistics {
    /** Places are counted one by one up to here; what comes later is counted with the last, so that memory stays bounded. */
    private static final int MAX_PLACES = 1024;

    /** The answers of one place. */
    public record Place(Total computeInfer, Total computeOutput, Total success, Total fail, Total cancel) {
        static final Place NONE = new Place(Total.NONE, Total.NONE, Total.NONE, Total.NONE, Total.NONE);
    }

    private final TreeMap<Integer, Place> places = new TreeMap<>();

    /** An answer was made and sent. */
    public synchronized void succeeded(int index, long inferNanos, long outputNanos) {
        places.compute(Math.min(index, MAX_PLACES), (_, known) -> {
            var place = known == null ? Place.NONE : known;
            return new Place(
                    place.computeInfer().plus(inferNanos),
                    place.computeOutput().plus(outputNanos),
                    place.success().plus(inferNanos + outputNanos),
                    place.fail(),
                    place.cancel());
        });
    }

    /** Instead of an answer there was a failure, or nobody to hear it. */
    public synchronized void failed(int index, Reason reason, long nanos) {
        places.compute(Math.min(index, MAX_PLACES), (_, known) -> {
            var place = known == null ? Place.NONE : known;
            boolean cancelled = reason == Reason.CANCELLED;
            return new Place(
                    place.computeInfer(),
                    place.computeOutput(),
                    place.success(),
                    cancelled ? place.fail() : place.fail().plus(nanos),
                    cancelled ? place.cancel().plus(nanos) : place.cancel());
        });
    }

    public synchronized SortedMap<Integer, Place> snapshot() {
        return new TreeMap<>(places);
    }
}
