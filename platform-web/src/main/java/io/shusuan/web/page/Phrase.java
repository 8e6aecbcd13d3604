package io.shusuan.web.page;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A sentence with parts that change, and what it is called in another language.
 *
 * @param fixed what stands before, between and behind the parts
 * @param places which part stands in each gap
 */
record Phrase(List<String> fixed, List<Integer> places, String translation) {

    private static final Pattern PLACE = Pattern.compile("\\{(\\d)}");

    static Phrase of(String sentence, String translation) {
        return new Phrase(List.of(PLACE.split(sentence, -1)), places(sentence), translation);
    }

    static List<Integer> places(String text) {
        return PLACE.matcher(text)
                .results()
                .map(place -> Integer.valueOf(place.group(1)))
                .toList();
    }

    /** The more of it is fixed, the more surely it is this one. */
    int certainty() {
        return fixed.stream().mapToInt(String::length).sum();
    }

    /** The sentence in the other language, if it is this one. */
    Optional<String> translate(String sentence, UnaryOperator<String> part) {
        return parts(sentence)
                .map(parts -> PLACE.matcher(translation)
                        .replaceAll(place -> Matcher.quoteReplacement(
                                part.apply(parts.getOrDefault(Integer.valueOf(place.group(1)), "")))));
    }

    /** Each part goes as far as what follows it is first found; nothing is tried twice, however long the sentence is. */
    private Optional<Map<Integer, String>> parts(String sentence) {
        if (!sentence.startsWith(fixed.getFirst()) || !sentence.endsWith(fixed.getLast())) {
            return Optional.empty();
        }
        var parts = new HashMap<Integer, String>();
        var at = fixed.getFirst().length();
        for (var gap = 0; gap < places.size(); gap++) {
            var next = fixed.get(gap + 1);
            var end = gap + 1 == places.size() ? sentence.length() - next.length() : sentence.indexOf(next, at + 1);
            if (end <= at) {
                return Optional.empty();
            }
            var part = sentence.substring(at, end);
            if (!part.equals(parts.getOrDefault(places.get(gap), part))) {
                return Optional.empty();
            }
            parts.put(places.get(gap), part);
            at = end + next.length();
        }
        return at == sentence.length() ? Optional.of(parts) : Optional.empty();
    }
}
