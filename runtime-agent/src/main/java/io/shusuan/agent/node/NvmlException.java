package io.shusuan.agent.node;

/** A call of NVML failed; the message names the call and what the library says of it. */
public final class NvmlException extends Exception {
    private static final long serialVersionUID = 1L;

    static final int INVALID_ARGUMENT = 2;
    static final int NOT_SUPPORTED = 3;
    static final int NO_PERMISSION = 4;
    static final int NOT_FOUND = 6;
    static final int INSUFFICIENT_SIZE = 7;
    static final int TIMEOUT = 10;
    static final int FUNCTION_NOT_FOUND = 13;
    static final int GPU_IS_LOST = 15;
    static final int RESET_REQUIRED = 16;

    private final int code;

    public NvmlException(String function, int code, String text) {
        super("%s: %s (NVML error %d)".formatted(function, text, code));
        this.code = code;
    }

    int code() {
        return code;
    }
}
