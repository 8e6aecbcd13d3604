package io.shusuan.web.page;

/** Where to go back to, as a form says it: a page of this portal and nowhere else. */
public final class LocalPath {

    private LocalPath() {}

    public static String of(String wanted) {
        var local = wanted.startsWith("/")
                && !wanted.startsWith("//")
                && wanted.chars().allMatch(LocalPath::plain);
        return local ? wanted : "/";
    }

    /** What browsers read as another host ({@code /\host}), or as another header, is in no path of ours. */
    private static boolean plain(int c) {
        return c > ' ' && c < 0x7f && c != '\\' && c != '{' && c != '}';
    }
}
