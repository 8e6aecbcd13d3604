package io.shusuan.db.job;

import java.util.regex.Pattern;

/** The name of a job: a DNS label, since it becomes part of host names, object names and the path under {@code /serve}. */
public record JobName(String value) {

    public static final int MAX_LENGTH = 63;
    public static final String RULE =
            "1 to 63 lower-case letters, digits and '-', beginning with a letter and ending with a letter or digit";

    private static final Pattern LABEL = Pattern.compile("[a-z]([a-z0-9-]{0,61}[a-z0-9])?");

    public JobName {
        if (!isValid(value)) {
            throw new IllegalArgumentException("job name '%s' must be %s".formatted(value, RULE));
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
