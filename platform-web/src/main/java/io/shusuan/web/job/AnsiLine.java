package io.shusuan.web.job;

import org.springframework.web.util.HtmlUtils;

/**
 * Turns lines of a terminal into HTML: colours and weights become classes, every other control sequence is dropped, all text is
 * escaped. Remembers the colour between lines, as a terminal does.
 */
final class AnsiLine {

    private static final char ESCAPE = '\u001b';

    private final AnsiStyle style = new AnsiStyle();

    String html(String line) {
        var html = new StringBuilder(line.length() + 32).append("<div class=\"line\">");
        var text = new StringBuilder();
        // A program that draws a progress bar returns to the line's start: what it wrote last is what people would see.
        var visible = line.substring(line.lastIndexOf('\r') + 1);
        for (var i = 0; i < visible.length(); i++) {
            var c = visible.charAt(i);
            if (c == ESCAPE) {
                flush(text, html);
                i = sequence(visible, i);
            } else if (c >= ' ' || c == '\t') {
                text.append(c);
            }
        }
        flush(text, html);
        return html.append("</div>").toString();
    }

    private void flush(StringBuilder text, StringBuilder html) {
        if (text.isEmpty()) {
            return;
        }
        var escaped = HtmlUtils.htmlEscape(text.toString(), "UTF-8");
        var classes = style.classes();
        html.append(classes.isEmpty() ? escaped : "<span class=\"" + classes + "\">" + escaped + "</span>");
        text.setLength(0);
    }

    /** Reads the sequence that begins at an escape and answers where it ends. */
    private int sequence(String line, int escape) {
        if (escape + 1 >= line.length()) {
            return escape;
        }
        return switch (line.charAt(escape + 1)) {
            case '[' -> control(line, escape + 2);
            case ']' -> command(line, escape + 2);
            default -> escape + 1;
        };
    }

    /** ESC [ parameters letter; only 'm' (colours) means something to us. */
    private int control(String line, int from) {
        var end = from;
        while (end < line.length() && line.charAt(end) < '@') {
            end++;
        }
        if (end < line.length() && line.charAt(end) == 'm') {
            style.apply(line.substring(from, end));
        }
        return end;
    }

    /** ESC ] text up to BEL or ESC \, e.g. a window title. */
    private static int command(String line, int from) {
        for (var i = from; i < line.length(); i++) {
            if (line.charAt(i) == '\u0007') {
                return i;
            }
            if (line.charAt(i) == ESCAPE) {
                return i + 1;
            }
        }
        return line.length();
    }
}
