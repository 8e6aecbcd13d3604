package io.shusuan.api.problem;

/** What was said, as an answer repeats it: not all of it, if that was long. */
public final class Excerpt {

    private static final int LONGEST = 80;

    private Excerpt() {}

    public static String of(String said) {
        return said.length() > LONGEST ? said.substring(0, LONGEST) + "…" : said;
    }
}
