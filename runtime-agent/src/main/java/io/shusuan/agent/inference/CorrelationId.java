package io.shusuan.agent.inference;

/** What the requests of one sequence have in common. */
public sealed interface CorrelationId {
    /** Between 1 and 2⁶⁴ − 1, in the bits of a long. */
    record Numeric(long value) implements CorrelationId {
        @Override
        public String toString() {
            return Long.toUnsignedString(value);
        }
    }

    record Text(String value) implements CorrelationId {
        @Override
        public String toString() {
            return value;
        }
    }
}
