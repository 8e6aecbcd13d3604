package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.engine.build.BuildSettings;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * What a build asks of TensorRT's builder and of its ONNX parser. It is one call: builder, network, configuration and parser live and die
 * within it, and only what they made comes out.
 */
interface BuilderCalls {
    /**
     * Makes a plan on the GPU in use, with the profiles of the settings.
     *
     * @param timings what the builder knows of kernels' times already; empty for nothing
     * @throws OnnxRefusedException when the parser does not take the model
     * @throws IllegalArgumentException when a profile has a shape where the network has a shape tensor, which takes values
     * @throws NativeException when the builder fails
     */
    Built build(Path onnx, BuildSettings settings, MemorySegment timings);

    /**
     * What was made, in memory of TensorRT's that is freed when this is closed.
     *
     * @param timings what the builder knows of kernels' times now
     */
    record Built(MemorySegment plan, MemorySegment timings, Runnable release) implements AutoCloseable {
        @Override
        public void close() {
            release.run();
        }
    }
}
