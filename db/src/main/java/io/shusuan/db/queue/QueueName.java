package io.shusuan.db.queue;

import java.util.regex.Pattern;

/** The name of a queue: a DNS label. */
public record QueueName(String value) {

    private static final Pattern LABEL = Pattern.compile("[a-z]([a-z0-9-]{0,61}[a-z0-9])?");

    public static final QueueName DEFAULT = new QueueName("default");
    public static final String RULE =
            "1 to 63 lower-case letters, digits and '-', beginning with a letter and ending with a letter or digit";

    public QueueName {
        if (!isValid(value)) {
            throw new IllegalArgumentException("queue name '%s' must be %s".formatted(value, RULE));
        }
    }

    public static boolean isValid(String text) {
        return LABEL.matcher(text).matches();
    }

    @Override
    public String toString() {
        return value;
    }
}
