package io.shusuan.agent.backend.sequence;

import java.util.LinkedHashMap;
import java.util.Map;

/** The running sum of each sequence. Of too many, the one that was silent longest is forgotten. */
final class Sums {
    private static final int MAX_SEQUENCES = 65_536;

    private final Map<Object, Integer> sums = new LinkedHashMap<>(16, 0.75f, true);

    synchronized int add(Object sequence, boolean start, int value) {
        int sum = (start ? 0 : sums.getOrDefault(sequence, 0)) + value;
        sums.put(sequence, sum);
        if (sums.size() > MAX_SEQUENCES) {
            var silent = sums.keySet().iterator();
            silent.next();
            silent.remove();
        }
        return sum;
    }

    synchronized void end(Object sequence) {
        sums.remove(sequence);
    }
}
