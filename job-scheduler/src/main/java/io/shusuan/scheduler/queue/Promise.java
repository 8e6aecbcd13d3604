package io.shusuan.scheduler.queue;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a waiting job was promised in a former cycle. It has to be in the next snapshot, or the promise is forgotten.
 *
 * @param nodes where its tasks are to be
 * @param cleared whether others leave, or have left, to make room for it: then it comes before all other promises
 * @param start when all that is in its way has ended at the latest; null, if that is not known
 */
public record Promise(
        List<String> nodes, boolean cleared, @Nullable Moment start) {

    public Promise {
        nodes = List.copyOf(nodes);
    }
}
