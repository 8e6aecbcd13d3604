package io.shusuan.scheduler.spec;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where in the document, written as {@code taskRoles[0].ports[1]}. Kept as steps, since most paths are never shown. */
record Path(@Nullable Path parent, String step) {

    static final Path ROOT = new Path(null, "");

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_][A-Za-z0-9_-]*");

    Path key(String name) {
        return new Path(this, name);
    }

    Path index(int index) {
        return new Path(this, "[" + index + "]");
    }

    /** The path, or {@code the document} for the document itself: the subject of a sentence. */
    String subject() {
        return parent == null ? "the document" : toString();
    }

    @Override
    public String toString() {
        if (parent == null) {
            return "";
        }
        var before = parent.toString();
        if (step.startsWith("[")) {
            return before + step;
        }
        if (!PLAIN.matcher(step).matches()) {
            return before + "[\"" + Shown.shortened(step) + "\"]";
        }
        var name = Shown.shortened(step);
        return before.isEmpty() ? name : before + "." + name;
    }
}
