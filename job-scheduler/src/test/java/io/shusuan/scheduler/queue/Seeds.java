package io.shusuan.scheduler.queue;

import java.util.Objects;
import java.util.Random;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Tries a property with many random worlds, on all processors. Of one that breaks it, a smaller one is looked for, by halving. Other worlds than the usual ones
 * come with {@code -Dtest.seeds.first=N}, and more of them with {@code -Dtest.seeds.times=N}.
 */
public final class Seeds {

    private static final long FIRST = Long.getLong("test.seeds.first", 1);
    private static final int TIMES = Integer.getInteger("test.seeds.times", 1);

    private Seeds() {}

    public interface Property {
        /** @param size how large the world may be; to be called again with less, when it fails */
        void holds(Random random, int size);
    }

    public static void forAll(int rounds, int size, Property property) {
        // Thrown here: what a task of the pool throws arrives without its sentence.
        LongStream.range(FIRST, FIRST + (long) TIMES * rounds)
                .parallel()
                .mapToObj(seed -> broken(seed, size, property))
                .filter(Objects::nonNull)
                .findFirst()
                .ifPresent(broken -> {
                    throw broken;
                });
    }

    private static @Nullable AssertionError broken(long seed, int size, Property property) {
        var failure = failure(seed, size, property);
        if (failure == null) {
            return null;
        }
        var smallest = size;
        for (var half = size / 2; half > 0; half /= 2) {
            var smaller = failure(seed, half, property);
            if (smaller != null) {
                failure = smaller;
                smallest = half;
            }
        }
        return new AssertionError("seed %d, size %d: %s".formatted(seed, smallest, failure.getMessage()), failure);
    }

    private static @Nullable Throwable failure(long seed, int size, Property property) {
        try {
            property.holds(new Random(seed), size);
            return null;
        } catch (AssertionError | RuntimeException broken) {
            return broken;
        }
    }
}
