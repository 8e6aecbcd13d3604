package io.shusuan.scheduler.spec;

import java.util.Map;
import java.util.regex.Pattern;

/** Readings of what Kubernetes writes on its nodes: labels and the keys of taints. */
final class Labels {

    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?");
    private static final Pattern VALUE = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?|");

    private static final String KEY_RULE =
            "at most 63 letters, digits, '-', '_' and '.', with a DNS name and '/' before them if need be";
    private static final String VALUE_RULE =
            "at most 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or digit";

    /** Such nodes are busy with the cluster itself, or not well. */
    private static final Pattern NOT_FOR_JOBS = Pattern.compile("node(-role)?\\.kubernetes\\.io/.*");

    private static final String FOR_JOBS =
            "a taint that does not begin with node.kubernetes.io/ or node-role.kubernetes.io/";

    private Labels() {}

    static Reading<Map<String, String>> mapping() {
        return Variables.named("labels", Limits.NODE_LABELS, Labels::checkKey, value());
    }

    /** The value of a label; a number or boolean is taken as it is written. */
    static Reading<String> value() {
        return field -> {
            var text = Texts.value(Limits.VALUE_BYTES).of(field);
            return text.isEmpty() || VALUE.matcher(text.get()).matches()
                    ? text
                    : field.mustBe(FaultCode.BAD_FORMAT, VALUE_RULE, null, mended(text.get()));
        };
    }

    /** As people know a model by name: the label has '-' for blanks. */
    private static String mended(String value) {
        return value.strip().replaceAll("[^A-Za-z0-9_.-]+", "-").replaceAll("^[^A-Za-z0-9]+|[^A-Za-z0-9]+$", "");
    }

    static Reading<String> taint() {
        return field -> {
            var key = Texts.matching(Labels::isKey, "the key of a taint: " + KEY_RULE, String::strip)
                    .of(field);
            return key.isPresent() && NOT_FOR_JOBS.matcher(key.get()).matches()
                    ? field.mustBe(FaultCode.BAD_FORMAT, FOR_JOBS, "such nodes take no jobs")
                    : key;
        };
    }

    private static void checkKey(Field field, String key) {
        if (!isKey(key)) {
            field.clash(FaultCode.BAD_FORMAT, "must be named by the key of a label: " + KEY_RULE, key, KEY_RULE);
        }
    }

    static boolean isKey(String key) {
        var slash = key.indexOf('/');
        var prefixed = slash < 0 || Names.isDnsName(key.substring(0, slash));
        return prefixed && KEY.matcher(key.substring(slash + 1)).matches();
    }
}
