package io.shusuan.agent.backend.onnxruntime;

/** ONNX Runtime refused a call or failed in it. It carries no stack trace: most are answers to a request. */
final class OrtRefusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int code;
    private final String said;

    OrtRefusal(int code, String said) {
        super("onnx runtime error " + code + ": " + said, null, false, false);
        this.code = code;
        this.said = said;
    }

    /** {@code OrtErrorCode}. */
    int code() {
        return code;
    }

    /** The library's own words. */
    String said() {
        return said;
    }
}
