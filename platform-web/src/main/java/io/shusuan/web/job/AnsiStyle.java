package io.shusuan.web.job;

import java.util.Arrays;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** The colour and weight that a terminal would write in now: the SGR parameters of ECMA-48, with xterm's bright colours. */
final class AnsiStyle {

    private @Nullable String foreground;
    private @Nullable String background;
    private boolean bold;
    private boolean faint;
    private boolean italic;
    private boolean underline;

    void apply(String parameters) {
        var codes =
                Arrays.stream(parameters.split(";")).mapToInt(AnsiStyle::number).toArray();
        for (var i = 0; i < codes.length; i++) {
            if (codes[i] == 38 || codes[i] == 48) {
                i += extended(codes, i);
            } else {
                apply(codes[i]);
            }
        }
    }

    private void apply(int code) {
        switch (code) {
            case 0 -> reset();
            case 1 -> bold = true;
            case 2 -> faint = true;
            case 3 -> italic = true;
            case 4 -> underline = true;
            case 22 -> {
                bold = false;
                faint = false;
            }
            case 23 -> italic = false;
            case 24 -> underline = false;
            case 39 -> foreground = null;
            case 49 -> background = null;
            default -> colour(code);
        }
    }

    private void colour(int code) {
        if (code >= 30 && code <= 37) {
            foreground = "f" + (code - 30);
        } else if (code >= 90 && code <= 97) {
            foreground = "f" + (code - 90 + 8);
        } else if (code >= 40 && code <= 47) {
            background = "b" + (code - 40);
        } else if (code >= 100 && code <= 107) {
            background = "b" + (code - 100 + 8);
        }
    }

    /** 38;5;n and 38;2;r;g;b (48 likewise): the sixteen basic colours are kept, finer ones become the nearest of these. */
    private int extended(int[] codes, int at) {
        if (at + 2 < codes.length && codes[at + 1] == 5) {
            extendedColour(codes[at], AnsiPalette.nearest(codes[at + 2]));
            return 2;
        }
        if (at + 4 < codes.length && codes[at + 1] == 2) {
            extendedColour(codes[at], AnsiPalette.nearest(codes[at + 2], codes[at + 3], codes[at + 4]));
            return 4;
        }
        return codes.length - at;
    }

    private void extendedColour(int which, int colour) {
        if (which == 38) {
            foreground = "f" + colour;
        } else {
            background = "b" + colour;
        }
    }

    private void reset() {
        foreground = null;
        background = null;
        bold = false;
        faint = false;
        italic = false;
        underline = false;
    }

    private static int number(String code) {
        try {
            return code.isEmpty() ? 0 : Integer.parseInt(code);
        } catch (NumberFormatException notSgr) {
            return -1;
        }
    }

    /** Class names, space between; empty for plain text. */
    String classes() {
        var classes = new StringJoiner(" ");
        add(classes, foreground != null, foreground);
        add(classes, background != null, background);
        add(classes, bold, "bold");
        add(classes, faint, "faint");
        add(classes, italic, "italic");
        add(classes, underline, "underline");
        return classes.toString();
    }

    private static void add(StringJoiner classes, boolean on, @Nullable String name) {
        if (on && name != null) {
            classes.add(name);
        }
    }
}
