package io.shusuan.db.job;

/** An amount of what jobs share: processor time in thousandths of a core, memory in MiB, whole GPUs. */
public record Resources(long milliCpus, long memoryMiB, int gpus) {

    public static final Resources NONE = new Resources(0, 0, 0);

    public Resources plus(Resources other) {
        return new Resources(milliCpus + other.milliCpus, memoryMiB + other.memoryMiB, gpus + other.gpus);
    }

    public Resources minus(Resources other) {
        return new Resources(milliCpus - other.milliCpus, memoryMiB - other.memoryMiB, gpus - other.gpus);
    }

    public Resources times(int count) {
        return new Resources(milliCpus * count, memoryMiB * count, gpus * count);
    }

    public boolean fitsIn(Resources room) {
        return milliCpus <= room.milliCpus && memoryMiB <= room.memoryMiB && gpus <= room.gpus;
    }

    /** In words for people, e.g. {@code 1 GPU, 4 CPU, 8192 MB}. */
    @Override
    public String toString() {
        return "%d GPU, %s CPU, %d MB".formatted(gpus, cpus(), memoryMiB);
    }

    /** The cores as people write them: {@code 4}, {@code 0.5}. */
    public String cpus() {
        return milliCpus % 1000 == 0 ? Long.toString(milliCpus / 1000) : Double.toString(milliCpus / 1000.0);
    }
}
