package io.shusuan.agent.backend.onnxruntime;

import io.shusuan.agent.backend.gpu.MemoryState;

/** What CUDA says of the GPUs that ONNX Runtime runs on, which its own API does not tell. */
interface CudaMemory {
    /** @throws CudaFailure when CUDA cannot be asked, or answers an error: after a sticky one it answers nothing else */
    MemoryState of(int gpu) throws CudaFailure;
}
