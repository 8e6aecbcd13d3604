package io.shusuan.scheduler.spec;

/** What kind of fault a text has. Those of {@link #malformed()} mean that it could not be read at all. */
public enum FaultCode {
    TOO_LARGE(true),
    NOT_UTF8(true),
    CONTROL_CHARACTER(true),
    SYNTAX(true),
    TAB_INDENTATION(true),
    ANCHOR(true),
    TAG(true),
    DUPLICATE_KEY(true),
    TOO_DEEP(true),
    TOO_MANY_NODES(true),
    MULTIPLE_DOCUMENTS(true),
    EMPTY(true),
    UNKNOWN_FIELD(false),
    MISSING(false),
    WRONG_TYPE(false),
    OUT_OF_RANGE(false),
    BAD_FORMAT(false),
    DUPLICATE_VALUE(false),
    CONFLICT(false),
    UNKNOWN_REFERENCE(false);

    private final boolean malformed;

    FaultCode(boolean malformed) {
        this.malformed = malformed;
    }

    public boolean malformed() {
        return malformed;
    }
}
