package io.shusuan.scheduler.queue;

import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Tries a property with many random worlds. Of one that breaks it, a smaller one is looked for, by halving. */
public final class Seeds {

    private Seeds() {}

    public interface Property {
        /** @param size how large the world may be; to be called again with less, when it fails */
        void holds(Random random, int size);
    }

    public static void forAll(int rounds, int size, Property property) {
        for (var seed = 1L; seed <= rounds; seed++) {
            var failure = failure(seed, size, property);
            if (failure == null) {
                continue;
            }
            var smallest = size;
            for (var half = size / 2; half > 0; half /= 2) {
                var smaller = failure(seed, half, property);
                if (smaller != null) {
                    failure = smaller;
                    smallest = half;
                }
            }
            throw new AssertionError("seed %d, size %d: %s".formatted(seed, smallest, failure.getMessage()), failure);
        }
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
