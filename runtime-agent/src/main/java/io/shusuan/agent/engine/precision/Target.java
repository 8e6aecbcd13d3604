package io.shusuan.agent.engine.precision;

/** Where the converted model will run. */
public enum Target {
    /** ONNX Runtime on the CPU: what it has no kernel for is computed in FP32. */
    CPU,
    /** TensorRT, or another runtime on a GPU: what the graph says is computed. */
    GPU
}
