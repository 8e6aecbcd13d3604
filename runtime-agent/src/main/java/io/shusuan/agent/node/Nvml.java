package io.shusuan.agent.node;

import java.util.List;

/** NVIDIA's management library, opened. One thread uses it and closes it. */
public interface Nvml extends AutoCloseable {

    Driver driver() throws NvmlException;

    /** How many GPUs there were when it was opened; one that is lost later is still counted. */
    int count();

    /** What a GPU is. */
    GpuDescription describe(int gpu) throws NvmlException;

    /** How a GPU does now. */
    GpuSample sample(int gpu) throws NvmlException;

    /** The errors that the driver has told of since the last call. */
    List<Xid> newXids() throws NvmlException;

    @Override
    void close();

    /**
     * The driver of all GPUs.
     *
     * @param cuda the newest CUDA it runs
     */
    record Driver(String version, String cuda) {}

    /** An error of a GPU by the number that the driver writes in the system's log as "Xid". */
    record Xid(int gpu, int number) {}
}
