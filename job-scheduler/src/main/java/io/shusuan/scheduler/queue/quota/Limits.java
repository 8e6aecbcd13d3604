package io.shusuan.scheduler.queue.quota;

/** An amount of each resource, where any may be without limit. */
public record Limits(long milliCpus, long memoryMiB, long gpus) {

    public static final long UNLIMITED = Long.MAX_VALUE;

    /** More than anybody has, and so little that a million of them can be added up. */
    static final long MOST = 1L << 40;

    public static final Limits NONE = new Limits(0, 0, 0);
    public static final Limits ANY = new Limits(UNLIMITED, UNLIMITED, UNLIMITED);

    public Limits {
        check("milliCpus", milliCpus);
        check("memoryMiB", memoryMiB);
        check("gpus", gpus);
    }

    /** So many GPUs, and as much processor time and memory as the nodes have. */
    public static Limits gpus(long gpus) {
        return new Limits(UNLIMITED, UNLIMITED, gpus);
    }

    private static void check(String what, long amount) {
        if (amount != UNLIMITED && (amount < 0 || amount > MOST)) {
            throw new IllegalArgumentException(
                    "%s must be 0 to %d, or without limit, not %d".formatted(what, MOST, amount));
        }
    }
}
