package io.shusuan.agent.inference;

import java.nio.ByteBuffer;
import java.util.Optional;

/** Memory of a GPU that another process shares. Whoever opened it closes it, when nobody uses it any more. */
public interface DeviceMemory extends AutoCloseable {
    /** Opens what other processes share; empty where there is no CUDA. */
    interface Source {
        /**
         * @param handle a {@code cudaIpcMemHandle_t}
         * @param bytes how much of it is used
         * @throws ServingException when there is no such GPU or memory, or not so much of it
         */
        Optional<DeviceMemory> open(int gpu, byte[] handle, long bytes);
    }

    int gpu();

    /** In this process. */
    long address();

    /** Copies a piece to the host and returns when it is there. */
    void read(long offset, ByteBuffer host);

    /** Copies a piece of the host's memory there, and returns when it is there. */
    void write(long offset, ByteBuffer host);

    @Override
    void close();
}
