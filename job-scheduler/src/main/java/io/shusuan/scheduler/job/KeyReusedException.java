package io.shusuan.scheduler.job;

/** An Idempotency-Key came again with another body. */
public final class KeyReusedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    KeyReusedException(String key) {
        super("Idempotency-Key '%s' was used for another body within the last day: use a new key for a new job"
                .formatted(key));
    }
}
