package io.shusuan.scheduler.queue.quota;

import io.shusuan.db.job.Resources;

/** What quotas are given in. */
public enum Resource {
    CPU(0, "CPU") {
        @Override
        public long of(Resources resources) {
            return resources.milliCpus();
        }

        @Override
        public long of(Limits limits) {
            return limits.milliCpus();
        }
    },
    MEMORY(1, "MB") {
        @Override
        public long of(Resources resources) {
            return resources.memoryMiB();
        }

        @Override
        public long of(Limits limits) {
            return limits.memoryMiB();
        }
    },
    GPU(2, "GPU") {
        @Override
        public long of(Resources resources) {
            return resources.gpus();
        }

        @Override
        public long of(Limits limits) {
            return limits.gpus();
        }
    };

    static final Resource[] ALL = values();

    private final int index;
    private final String unit;

    Resource(int index, String unit) {
        this.index = index;
        this.unit = unit;
    }

    public abstract long of(Resources resources);

    public abstract long of(Limits limits);

    /** Its place among the resources, where amounts stand in arrays. */
    public int index() {
        return index;
    }

    /** An amount as people write it: cores, though thousandths of them are counted. */
    public String text(long amount) {
        return this == CPU ? new Resources(amount, 0, 0).cpus() : Long.toString(amount);
    }

    public String unit() {
        return unit;
    }
}
