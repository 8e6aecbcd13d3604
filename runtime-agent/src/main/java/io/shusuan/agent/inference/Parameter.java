package io.shusuan.agent.inference;

/** The value of a parameter that travels with a request or an answer, as the protocols can carry it. */
public sealed interface Parameter {
    record Flag(boolean value) implements Parameter {}

    record Whole(long value) implements Parameter {}

    /** Between 0 and 2⁶⁴ − 1, in the bits of a long. */
    record Unsigned(long value) implements Parameter {}

    record Real(double value) implements Parameter {}

    record Text(String value) implements Parameter {}
}
