package io.shusuan.scheduler.spec;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/** The submitted bytes as characters that YAML allows. */
record SourceText(String characters) {

    static final int MAX_BYTES = 1 << 20;

    private static final char BYTE_ORDER_MARK = '\uFEFF';
    private static final Pattern FLOW = Pattern.compile("\\s*[{\\[]");
    private static final Pattern TABS_OF_INDENTATION = Pattern.compile("(?m)^[ \\t]*\\t");

    static SourceText decode(byte[] bytes, Faults faults) {
        if (bytes.length > MAX_BYTES) {
            faults.add(
                    FaultCode.TOO_LARGE,
                    Position.START,
                    Path.ROOT,
                    "the text has %d bytes, at most %d are read: move large data into a mount"
                            .formatted(bytes.length, MAX_BYTES),
                    "%d bytes".formatted(bytes.length),
                    "at most %d bytes".formatted(MAX_BYTES));
            throw faults.stop();
        }
        var text = endingInLineFeed(withoutByteOrderMark(utf8(bytes, faults)));
        refuseControlCharacters(text, faults);
        return new SourceText(FLOW.matcher(text).lookingAt() ? withoutTabsOfIndentation(text) : text);
    }

    /** The given line, from 1, without its end. */
    String line(int number) {
        return characters.lines().skip(number - 1L).findFirst().orElse("");
    }

    /** What stands at a place, to the end of its line. */
    String from(Position place) {
        var line = line(place.line());
        var before = Math.min(place.column() - 1, line.codePointCount(0, line.length()));
        var rest = line.substring(line.offsetByCodePoints(0, before)).strip();
        return rest.isEmpty() ? "nothing" : rest;
    }

    private static String utf8(byte[] bytes, Faults faults) {
        var decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        var in = ByteBuffer.wrap(bytes);
        var out = CharBuffer.allocate(bytes.length);
        var result = decoder.decode(in, out, true);
        out.flip();
        if (result.isError()) {
            faults.add(
                    FaultCode.NOT_UTF8,
                    endOf(withoutByteOrderMark(out.toString())),
                    Path.ROOT,
                    "byte %d (0x%02X) is not valid UTF-8: save the text as UTF-8"
                            .formatted(in.position() + 1, bytes[in.position()]),
                    "0x%02X".formatted(bytes[in.position()]),
                    "UTF-8");
            throw faults.stop();
        }
        return out.toString();
    }

    private static String withoutByteOrderMark(String text) {
        return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
    }

    /** The parser takes a carriage return for the end of a line everywhere but at the end of the text. */
    private static String endingInLineFeed(String text) {
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) + "\n" : text;
    }

    private static void refuseControlCharacters(String text, Faults faults) {
        if (StreamReader.isPrintable(text)) {
            return;
        }
        var line = 1;
        var column = 1;
        for (var index = 0; index < text.length(); index += Character.charCount(text.codePointAt(index))) {
            var character = text.codePointAt(index);
            if (!StreamReader.isPrintable(character)) {
                faults.add(
                        FaultCode.CONTROL_CHARACTER,
                        new Position(line, column),
                        Path.ROOT,
                        "the invisible character U+%04X is not allowed: remove it".formatted(character),
                        "U+%04X".formatted(character),
                        "text without invisible characters");
            }
            if (endsLine(text, index)) {
                line++;
                column = 1;
            } else {
                column++;
            }
        }
        throw faults.stop();
    }

    private static Position endOf(String text) {
        var line = 1;
        var lineStart = 0;
        for (var index = 0; index < text.length(); index++) {
            if (endsLine(text, index)) {
                line++;
                lineStart = index + 1;
            }
        }
        return new Position(line, text.codePointCount(lineStart, text.length()) + 1);
    }

    private static boolean endsLine(String text, int index) {
        var character = text.charAt(index);
        return character == '\n'
                || (character == '\r' && (index + 1 == text.length() || text.charAt(index + 1) != '\n'));
    }

    /** JSON may be indented with tabs, which the parser takes for YAML's forbidden ones. No position moves. */
    private static String withoutTabsOfIndentation(String text) {
        if (text.indexOf('\t') < 0) {
            return text;
        }
        return TABS_OF_INDENTATION
                .matcher(text)
                .replaceAll(found -> " ".repeat(found.group().length()));
    }
}
