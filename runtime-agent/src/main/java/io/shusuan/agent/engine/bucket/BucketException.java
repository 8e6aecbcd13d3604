package io.shusuan.agent.engine.bucket;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A bucket did not do what it was asked. The message says which, what it answered, and what would mend it. */
public final class BucketException extends Exception {
    private static final long serialVersionUID = 1;

    private final Reason reason;

    /** What is the matter, as metrics have it. */
    public enum Reason {
        /** Nobody answers there, or not in time, or says to come again later. */
        AWAY,
        /** Credentials are missing or wrong, or do not allow it. */
        DENIED,
        NO_BUCKET,
        FULL,
        /** An object is not what was put there. */
        DAMAGED,
        /** It answered something else. */
        FAILED;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    BucketException(Reason reason, String text, @Nullable Throwable cause) {
        super(text, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    public String text() {
        return String.valueOf(getMessage());
    }
}
