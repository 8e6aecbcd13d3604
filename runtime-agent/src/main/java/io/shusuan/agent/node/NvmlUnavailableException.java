package io.shusuan.agent.node;

/** There is no NVML on this machine that works; the message says why and what to do. */
public final class NvmlUnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    public NvmlUnavailableException(String message) {
        super(message);
    }
}
