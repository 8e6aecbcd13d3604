package io.shusuan.web.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.attoparser.AbstractMarkupHandler;
import org.attoparser.MarkupParser;
import org.attoparser.ParseException;
import org.attoparser.config.ParseConfiguration;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every word that people read comes from the messages, and every message is there in both languages. */
class TemplateTextTest {

    private static final Path TEMPLATES = Path.of("src/main/resources/templates");
    private static final Pattern KEY = Pattern.compile("#\\{([A-Za-z][\\w.]*)");
    private static final Pattern LETTER = Pattern.compile("\\p{L}");
    private static final Pattern PLACE = Pattern.compile("\\{(\\d)");

    @Test
    void bothLanguagesHaveTheSameKeysWithTheSamePlaces() throws IOException {
        var english = messages("messages.properties");
        var chinese = messages("messages_zh_CN.properties");

        assertThat(chinese.stringPropertyNames()).isEqualTo(english.stringPropertyNames());
        for (var key : english.stringPropertyNames()) {
            assertThat(places(chinese.getProperty(key))).as(key).isEqualTo(places(english.getProperty(key)));
            assertThat(english.getProperty(key)).as(key).isNotBlank().doesNotContain("'");
            assertThat(chinese.getProperty(key)).as(key).isNotBlank().doesNotContain("'");
        }
    }

    @TestFactory
    Stream<DynamicTest> noTextIsWrittenIntoTemplates() throws IOException {
        return templates()
                .map(template -> DynamicTest.dynamicTest(name(template), () -> {
                    var found = new Words();
                    try {
                        new MarkupParser(ParseConfiguration.htmlConfiguration())
                                .parse(new StringReader(Files.readString(template)), found);
                    } catch (ParseException broken) {
                        throw new AssertionError(broken);
                    }
                    assertThat(found.words)
                            .as("text that should come from the messages")
                            .isEmpty();
                }));
    }

    @TestFactory
    Stream<DynamicTest> everyMessageThatTemplatesNameIsThere() throws IOException {
        var known = messages("messages.properties").stringPropertyNames();
        return templates()
                .map(template -> DynamicTest.dynamicTest(name(template), () -> {
                    var named = new TreeSet<String>();
                    KEY.matcher(Files.readString(template)).results().forEach(hit -> named.add(hit.group(1)));
                    assertThat(known).containsAll(named);
                }));
    }

    private static Stream<Path> templates() throws IOException {
        try (var files = Files.walk(TEMPLATES)) {
            return files.filter(file -> file.toString().endsWith(".html")).sorted().toList().stream();
        }
    }

    private static String name(Path template) {
        return TEMPLATES.relativize(template).toString();
    }

    private static Set<String> places(String message) {
        var places = new HashSet<String>();
        PLACE.matcher(message).results().forEach(hit -> places.add(hit.group(1)));
        return places;
    }

    private static Properties messages(String file) throws IOException {
        var messages = new Properties();
        try (var in = TemplateTextTest.class.getResourceAsStream("/" + file)) {
            messages.load(new InputStreamReader(java.util.Objects.requireNonNull(in), StandardCharsets.UTF_8));
        }
        return messages;
    }

    /** Collects what a reader would see though it stands in the template itself. */
    private static final class Words extends AbstractMarkupHandler {

        private static final Set<String> SPOKEN = Set.of("title", "placeholder", "alt", "aria-label", "label");

        private final List<String> words = new ArrayList<>();
        private boolean code;

        @Override
        public void handleText(char[] buffer, int offset, int length, int line, int column) {
            var text = new String(buffer, offset, length).strip();
            if (!code && LETTER.matcher(text).find()) {
                words.add("line %d: %s".formatted(line, text));
            }
        }

        @Override
        public void handleAttribute(
                char[] buffer,
                int nameOffset,
                int nameLength,
                int nameLine,
                int nameColumn,
                int operatorOffset,
                int operatorLength,
                int operatorLine,
                int operatorColumn,
                int valueContentOffset,
                int valueContentLength,
                int valueOuterOffset,
                int valueOuterLength,
                int valueLine,
                int valueColumn) {
            var name = new String(buffer, nameOffset, nameLength);
            var value = new String(buffer, valueContentOffset, valueContentLength);
            if (SPOKEN.contains(name) && LETTER.matcher(value).find()) {
                words.add("line %d: %s=%s".formatted(nameLine, name, value));
            }
        }

        @Override
        public void handleOpenElementStart(char[] buffer, int offset, int length, int line, int column) {
            var element = new String(buffer, offset, length);
            code = element.equals("script") || element.equals("style");
        }

        @Override
        public void handleCloseElementStart(char[] buffer, int offset, int length, int line, int column) {
            code = false;
        }
    }
}
