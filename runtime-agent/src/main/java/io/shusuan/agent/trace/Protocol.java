package io.shusuan.agent.trace;

/** How a request came, and what its first and last moments are called. */
public enum Protocol {
    HTTP("HTTP_RECV", "HTTP_SEND"),
    GRPC("GRPC_WAITREAD", "GRPC_SEND");

    private final String receiving;
    private final String sending;

    Protocol(String receiving, String sending) {
        this.receiving = receiving;
        this.sending = sending;
    }

    String receiving() {
        return receiving;
    }

    String sending() {
        return sending;
    }
}
