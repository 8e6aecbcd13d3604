package io.shusuan.web.page;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ClassPathResource;
import org.springframework.stereotype.Component;

/**
 * What the scheduler says, in the reader's language. It speaks English, to programs and people alike, and its sentences are stored
 * as they were said: so they are known again here by their fixed parts. A sentence that is not in the book is shown as it was said.
 */
@Component("phrases")
class Phrasebook {

    /** Sentences within sentences: a fault, what is allowed instead, one of these. */
    private static final int DEEPEST = 4;

    private final List<Phrase> chinese = read("phrases_zh_CN.txt");

    public @Nullable String say(@Nullable String sentence, Locale locale) {
        return sentence == null || !PortalLocale.CHINESE.equals(locale) ? sentence : say(sentence, DEEPEST);
    }

    private String say(String sentence, int depth) {
        return depth == 0
                ? sentence
                : chinese.stream()
                        .flatMap(phrase -> phrase.translate(sentence, part -> say(part, depth - 1)).stream())
                        .findFirst()
                        .orElse(sentence);
    }

    /** Pairs of lines, the second one indented; the surest ones first. */
    static List<Phrase> read(String file) {
        var phrases = new ArrayList<Phrase>();
        var sentence = "";
        for (var line : lines(file)) {
            if (line.startsWith("    ")) {
                phrases.add(Phrase.of(sentence, line.strip()));
            } else {
                sentence = line;
            }
        }
        phrases.sort(Comparator.comparingInt(Phrase::certainty).reversed());
        return List.copyOf(phrases);
    }

    private static List<String> lines(String file) {
        try {
            return new ClassPathResource(file)
                    .getContentAsString(StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#") && !line.isBlank())
                    .toList();
        } catch (IOException notPackaged) {
            throw new UncheckedIOException(notPackaged);
        }
    }
}
