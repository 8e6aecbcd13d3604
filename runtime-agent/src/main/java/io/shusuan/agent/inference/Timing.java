package io.shusuan.agent.inference;

/**
 * The moments of one request, in {@link System#nanoTime()}. Written by one thread at a time: the protocol's, then the instance's;
 * the queue between them publishes what the first wrote.
 */
public final class Timing {
    private final long received;
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
    }

    public void computeStarts() {
        computeStart = System.nanoTime();
        inputEnd = computeStart;
        outputStart = computeStart;
        computeEnd = computeStart;
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
    }

    public long queueNanos() {
        return Math.max(0, computeStart - queued);
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
