package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.backend.gpu.GpuFailure;
import io.shusuan.agent.backend.gpu.StickyErrors;

/** A call of CUDA's or TensorRT's failed. The message names the call, the error and what the library says. */
final class NativeException extends RuntimeException implements GpuFailure {
    private static final long serialVersionUID = 1L;

    private final boolean sticky;
    private final String said;

    private NativeException(String message, String said, boolean sticky) {
        super(message);
        this.said = said;
        this.sticky = sticky;
    }

    /** An error of CUDA's, as {@code cudaGetErrorName} and {@code cudaGetErrorString} tell it. */
    static NativeException cuda(String call, int code, String name, String text) {
        return new NativeException(
                call + " failed: " + name + " (" + code + "): " + text, text, StickyErrors.contain(code));
    }

    /** TensorRT has no codes: its calls answer no, and its log says why. */
    static NativeException tensorRt(String call, String log) {
        return new NativeException(call + " failed: " + (log.isEmpty() ? "TensorRT did not say why" : log), log, false);
    }

    @Override
    public boolean isSticky() {
        return sticky;
    }

    /** What the library said, without the call's name. */
    String said() {
        return said;
    }

    /** The message, never null. */
    @Override
    public String text() {
        var message = getMessage();
        return message == null ? said : message;
    }
}
