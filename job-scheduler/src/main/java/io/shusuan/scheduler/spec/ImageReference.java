package io.shusuan.scheduler.spec;

import java.util.Locale;
import java.util.regex.Pattern;

/** The name of a container image: {@code [registry[:port]/]repository[:tag][@digest]}. */
final class ImageReference {

    static final String RULE = "an image reference such as registry:5000/team/image:tag, with a lower-case repository";

    private static final int MAX_LENGTH = 512;
    private static final int MAX_REPOSITORY = 255;
    private static final Pattern REGISTRY = Pattern.compile(
            "([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)(\\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*(:[0-9]{1,5})?");
    private static final Pattern COMPONENT = Pattern.compile("[a-z0-9]+((\\.|__?|-+)[a-z0-9]+)*");
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}");

    private ImageReference() {}

    static Reading<String> reading() {
        return Texts.matching(ImageReference::isValid, RULE, ImageReference::mended);
    }

    static boolean isValid(String text) {
        if (text.length() > MAX_LENGTH) {
            return false;
        }
        var at = text.indexOf('@');
        if (at >= 0 && !DIGEST.matcher(text.substring(at + 1)).matches()) {
            return false;
        }
        return isNamed(at < 0 ? text : text.substring(0, at));
    }

    private static boolean isNamed(String text) {
        var colon = tagColon(text);
        if (colon >= 0 && !TAG.matcher(text.substring(colon + 1)).matches()) {
            return false;
        }
        return isRepository(colon < 0 ? text : text.substring(0, colon));
    }

    private static boolean isRepository(String text) {
        var components = text.split("/", -1);
        var first = components.length > 1 && isRegistry(components[0]) ? 1 : 0;
        for (var i = first; i < components.length; i++) {
            if (!COMPONENT.matcher(components[i]).matches()) {
                return false;
            }
        }
        return text.length() <= MAX_REPOSITORY
                && (first == 0 || REGISTRY.matcher(components[0]).matches());
    }

    /** What stands before the first '/' is a registry when it cannot be the name of a user. */
    private static boolean isRegistry(String text) {
        return text.contains(".") || text.contains(":") || text.equals("localhost");
    }

    /** The colon before the tag, as against one before a registry's port. */
    private static int tagColon(String text) {
        var colon = text.lastIndexOf(':');
        return colon > text.lastIndexOf('/') ? colon : -1;
    }

    private static String mended(String text) {
        var bare = text.strip().replaceAll("^(docker|https?)://", "");
        var colon = tagColon(bare);
        return colon < 0
                ? bare.toLowerCase(Locale.ROOT)
                : bare.substring(0, colon).toLowerCase(Locale.ROOT) + bare.substring(colon);
    }
}
