package io.shusuan.agent.backend.onnxruntime;

/** The execution providers a configuration can ask for. */
enum Provider {
    CPU("CPUExecutionProvider"),
    CUDA("CUDAExecutionProvider"),
    TENSORRT("TensorrtExecutionProvider"),
    OPENVINO("OpenVINOExecutionProvider"),
    DNNL("DnnlExecutionProvider"),
    XNNPACK("XnnpackExecutionProvider");

    private final String engineName;

    Provider(String engineName) {
        this.engineName = engineName;
    }

    /** What ONNX Runtime calls it. */
    String engineName() {
        return engineName;
    }
}
