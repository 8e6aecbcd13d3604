package io.shusuan.scheduler.cluster.local;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Hands out whole GPUs by their number, each to one attempt at a time. */
final class Gpus {

    private final int count;

    @GuardedBy("this")
    private final Set<Integer> taken = new TreeSet<>();

    Gpus(int count) {
        this.count = count;
    }

    synchronized List<Integer> take(int wanted) throws IOException {
        var found = new ArrayList<Integer>();
        for (var gpu = 0; gpu < count && found.size() < wanted; gpu++) {
            if (!taken.contains(gpu)) {
                found.add(gpu);
            }
        }
        if (found.size() < wanted) {
            throw new IOException(
                    "%d GPU(s) asked for, but of %d only %d are free".formatted(wanted, count, found.size()));
        }
        taken.addAll(found);
        return found;
    }

    /** Marks the GPUs of an attempt that was found running. */
    synchronized void adopt(Collection<Integer> gpus) {
        taken.addAll(gpus);
    }

    synchronized void release(Collection<Integer> gpus) {
        taken.removeAll(gpus);
    }
}
