package io.shusuan.agent.backend.tensorrt;

import java.util.Set;

/** A call of CUDA's or TensorRT's failed. The message names the call, the error and what the library says. */
final class NativeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** After these a process cannot use that GPU any more, whatever it calls: CUDA's manual says so of each. */
    private static final Set<Integer> STICKY = Set.of(
            214, // ECCUncorrectable
            220, // NvlinkUncorrectable
            226, // Contained
            700, // IllegalAddress
            702, // LaunchTimeout
            710, // Assert
            714, // HardwareStackError
            715, // IllegalInstruction
            716, // MisalignedAddress
            717, // InvalidAddressSpace
            718, // InvalidPc
            719, // LaunchFailure
            721, // TensorMemoryLeak
            810, // MpsClientTerminated
            911); // ExternalDevice

    private final boolean sticky;
    private final String said;

    private NativeException(String message, String said, boolean sticky) {
        super(message);
        this.said = said;
        this.sticky = sticky;
    }

    /** An error of CUDA's, as {@code cudaGetErrorName} and {@code cudaGetErrorString} tell it. */
    static NativeException cuda(String call, int code, String name, String text) {
        return new NativeException(call + " failed: " + name + " (" + code + "): " + text, text, STICKY.contains(code));
    }

    /** TensorRT has no codes: its calls answer no, and its log says why. */
    static NativeException tensorRt(String call, String log) {
        return new NativeException(call + " failed: " + (log.isEmpty() ? "TensorRT did not say why" : log), log, false);
    }

    static boolean isSticky(int code) {
        return STICKY.contains(code);
    }

    /** Whether the GPU is lost to this process. */
    boolean isSticky() {
        return sticky;
    }

    /** What the library said, without the call's name. */
    String said() {
        return said;
    }

    /** The message, never null. */
    String text() {
        var message = getMessage();
        return message == null ? said : message;
    }
}
