package io.shusuan.agent.protocol.grpc.transport;

import java.nio.charset.StandardCharsets;

/** How a call ended. */
public record Status(Code code, String message) {

    /** Those of gRPC's codes that an agent says. */
    public enum Code {
        OK(0),
        CANCELLED(1),
        INVALID_ARGUMENT(3),
        DEADLINE_EXCEEDED(4),
        NOT_FOUND(5),
        ALREADY_EXISTS(6),
        RESOURCE_EXHAUSTED(8),
        UNIMPLEMENTED(12),
        INTERNAL(13),
        UNAVAILABLE(14),
        UNAUTHENTICATED(16);

        private final int number;

        Code(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }
    }

    public static final Status OK = new Status(Code.OK, "");

    private static final int MAX_ENCODED = 4096;
    private static final String HEX = "0123456789ABCDEF";

    /**
     * The message as a header can carry it: what is not printable ASCII, and the percent sign, by their bytes; and no more of it than
     * clients take, who would see a broken call instead.
     */
    String encodedMessage() {
        var encoded = new StringBuilder(message.length());
        for (byte each : message.getBytes(StandardCharsets.UTF_8)) {
            if (encoded.length() >= MAX_ENCODED) {
                break;
            }
            if (each >= ' ' && each <= '~' && each != '%') {
                encoded.append((char) each);
            } else {
                encoded.append('%').append(HEX.charAt((each >> 4) & 0xF)).append(HEX.charAt(each & 0xF));
            }
        }
        return encoded.toString();
    }
}
