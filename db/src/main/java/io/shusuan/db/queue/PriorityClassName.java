package io.shusuan.db.queue;

/** The name of a priority class, by the same rule as a queue's. */
public record PriorityClassName(String value) {

    public static final String RULE = QueueName.RULE;

    public PriorityClassName {
        if (!isValid(value)) {
            throw new IllegalArgumentException("priority class '%s' must be %s".formatted(value, RULE));
        }
    }

    public static boolean isValid(String text) {
        return QueueName.isValid(text);
    }

    @Override
    public String toString() {
        return value;
    }
}
