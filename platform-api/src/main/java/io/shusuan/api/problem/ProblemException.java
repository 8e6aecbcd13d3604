package io.shusuan.api.problem;

import java.util.List;

/** A refusal that a controller decides by itself. */
public final class ProblemException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final ProblemKind kind;
    private final transient List<?> errors;

    public ProblemException(ProblemKind kind, String sentence) {
        this(kind, sentence, List.of());
    }

    /** @param errors everything that is wrong, one by one */
    public ProblemException(ProblemKind kind, String sentence, List<?> errors) {
        super(sentence);
        this.kind = kind;
        this.errors = List.copyOf(errors);
    }

    public ProblemKind kind() {
        return kind;
    }

    List<?> errors() {
        return errors;
    }

    /** Those of the errors that are wrong settings. */
    public List<SettingFault> faults() {
        return errors.stream()
                .filter(SettingFault.class::isInstance)
                .map(SettingFault.class::cast)
                .toList();
    }
}
