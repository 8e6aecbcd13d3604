package io.shusuan.agent.backend.gpu;

/** A call of an engine's that failed on a GPU. */
public interface GpuFailure {
    /** Whether the GPU is lost to this process. */
    boolean isSticky();

    /** The failing call and its error. */
    String text();
}
