package io.shusuan.agent.protocol;

import io.shusuan.agent.inference.ServingException;

/** What is said to callers who would share a GPU's memory with a server that has no CUDA. */
public final class CudaSharedMemory {
    /** The size of a {@code cudaIpcMemHandle_t}. */
    private static final int HANDLE_BYTES = 64;

    private CudaSharedMemory() {}

    public static ServingException notFound(String region) {
        return ServingException.notFound("Unable to find CUDA shared memory region: '" + region + "'");
    }

    public static ServingException refuse(String region, byte[] handle) {
        return handle.length != HANDLE_BYTES
                ? ServingException.invalid("'raw_handle' must be a valid base64 encoded cudaIpcMemHandle_t")
                : ServingException.unsupported("failed to register CUDA shared memory region: '" + region
                        + "', this server has no CUDA: use system shared memory");
    }
}
