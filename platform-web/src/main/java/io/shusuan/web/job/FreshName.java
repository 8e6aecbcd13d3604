package io.shusuan.web.job;

import io.shusuan.db.job.JobName;
import java.util.regex.Pattern;

/**
 * Gives the copy of a job's text a name of its own: {@code train} becomes {@code train-2}, {@code train-2} becomes {@code train-3}.
 * Nothing else of the text changes, neither comments nor order.
 */
final class FreshName {

    private static final Pattern LINE =
            Pattern.compile("(?m)^(jobName:[ \\t]*[\"']?|[{ \\t]*\"jobName\"[ \\t]*:[ \\t]*\")([a-z][a-z0-9-]*)");
    private static final Pattern COUNTED = Pattern.compile("(.*)-(\\d{1,6})");

    private FreshName() {}

    static String in(String text) {
        var line = LINE.matcher(text);
        return line.find() ? line.replaceFirst(found -> found.group(1) + after(found.group(2))) : text;
    }

    private static String after(String name) {
        var counted = COUNTED.matcher(name);
        var stem = counted.matches() ? counted.group(1) : name;
        var number = counted.matches() ? Integer.parseInt(counted.group(2)) + 1 : 2;
        var suffix = "-" + number;
        return stem.substring(0, Math.min(stem.length(), JobName.MAX_LENGTH - suffix.length())) + suffix;
    }
}
