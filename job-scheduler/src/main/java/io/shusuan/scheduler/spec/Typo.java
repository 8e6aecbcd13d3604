package io.shusuan.scheduler.spec;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that was meant by one that is mistyped, by the number of slips between the two. */
final class Typo {

    private static final int MAX_LENGTH = 40;

    private Typo() {}

    static Optional<String> nearest(String typed, Collection<String> valid) {
        if (typed.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        var word = bare(typed);
        return valid.stream()
                .filter(candidate -> slips(word, bare(candidate)) <= tolerated(candidate))
                .min(Comparator.comparingInt(candidate -> slips(word, bare(candidate))));
    }

    private static int tolerated(String word) {
        return Math.clamp(word.length() / 3, 1, 3);
    }

    /** {@code task_number} and {@code TaskNumber} are {@code taskNumber} without any slip. */
    private static String bare(String word) {
        return word.toLowerCase(Locale.ROOT).replaceAll("[-_ ]", "");
    }

    /** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
    private static int slips(String from, String to) {
        var distance = new int[from.length() + 1][to.length() + 1];
        for (var i = 0; i <= from.length(); i++) {
            for (var j = 0; j <= to.length(); j++) {
                distance[i][j] = i == 0 || j == 0 ? i + j : slips(from, to, i, j, distance);
            }
        }
        return distance[from.length()][to.length()];
    }

    private static int slips(String from, String to, int i, int j, int[][] distance) {
        var replaced = distance[i - 1][j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        var best = Math.min(replaced, 1 + Math.min(distance[i - 1][j], distance[i][j - 1]));
        var swapped =
                i > 1 && j > 1 && from.charAt(i - 1) == to.charAt(j - 2) && from.charAt(i - 2) == to.charAt(j - 1);
        return swapped ? Math.min(best, distance[i - 2][j - 2] + 1) : best;
    }
}
