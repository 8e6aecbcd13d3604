package io.shusuan.api.problem;

/** A refusal that a controller decides by itself. */
public final class ProblemException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final ProblemKind kind;

    public ProblemException(ProblemKind kind, String sentence) {
        super(sentence);
        this.kind = kind;
    }

    public ProblemKind kind() {
        return kind;
    }
}
