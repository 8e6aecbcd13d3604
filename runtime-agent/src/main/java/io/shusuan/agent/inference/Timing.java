package io.shusuan.agent.inference;

/**
 * The moments of one request, in {@link System#nanoTime()}. Written by one thread at a time: the protocol's, then the instance's;
 * the queue between them publishes what the first wrote.
 */
public final class Timing {
    /** How far a request has come. */
    private enum Stage {
        RECEIVED,
        QUEUED,
        COMPUTED
    }

    private final long received;
    private Stage stage = Stage.RECEIVED;
    private long queued;
    private long computeStart;
    private long inputEnd;
    private long outputStart;
    private long computeEnd;

    public Timing(long received) {
        this.received = received;
        this.queued = received;
    }

    public static Timing startingNow() {
        return new Timing(System.nanoTime());
    }

    public void queued() {
        queued = System.nanoTime();
        stage = Stage.QUEUED;
    }

    public void computeStarts() {
        computeStart = System.nanoTime();
        inputEnd = computeStart;
        outputStart = computeStart;
        computeEnd = computeStart;
        stage = Stage.COMPUTED;
    }

    /** The inputs are with the engine. */
    public void inputsReady() {
        inputEnd = System.nanoTime();
        outputStart = inputEnd;
    }

    /** The engine has finished. */
    public void outputsReady() {
        outputStart = System.nanoTime();
    }

    public void computeEnds() {
        computeEnd = System.nanoTime();
    }

    /** Takes over the phases of the execution this request was part of. */
    public void computedWith(Timing batch) {
        computeStart = batch.computeStart;
        inputEnd = batch.inputEnd;
        outputStart = batch.outputStart;
        computeEnd = batch.computeEnd;
        stage = Stage.COMPUTED;
    }

    public long received() {
        return received;
    }

    public boolean wasQueued() {
        return stage != Stage.RECEIVED;
    }

    public long queuedAt() {
        return queued;
    }

    public boolean wasComputed() {
        return stage == Stage.COMPUTED;
    }

    public long computeStart() {
        return computeStart;
    }

    public long inputEnd() {
        return inputEnd;
    }

    public long outputStart() {
        return outputStart;
    }

    public long computeEnd() {
        return computeEnd;
    }

    /** The phases of a request that was answered by requests to other models: the sums of theirs. */
    public void composedOf(long queueNanos, long inputNanos, long inferNanos, long outputNanos) {
        computeStart = queued + queueNanos;
        inputEnd = computeStart + inputNanos;
        outputStart = inputEnd + inferNanos;
        computeEnd = outputStart + outputNanos;
        stage = Stage.COMPUTED;
    }

    public long queueNanos() {
        return Math.max(0, computeStart - queued);
    }

    /** The time in the queue so far, also of a request that never left it for an instance. */
    public long waitedNanos() {
        return switch (stage) {
            case RECEIVED -> 0;
            case QUEUED -> System.nanoTime() - queued;
            case COMPUTED -> queueNanos();
        };
    }

    public long inputNanos() {
        return inputEnd - computeStart;
    }

    public long inferNanos() {
        return outputStart - inputEnd;
    }

    public long outputNanos() {
        return computeEnd - outputStart;
    }

    public long totalNanos() {
        return System.nanoTime() - received;
    }
}
