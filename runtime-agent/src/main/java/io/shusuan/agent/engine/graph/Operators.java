package io.shusuan.agent.engine.graph;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** The operators that the agent's ONNX Runtime knows. The table comes from that library itself: see {@code operators.py}. */
public final class Operators {
    private static final Map<String, NavigableMap<Integer, Operator>> TABLE = read();

    private Operators() {}

    private static Map<String, NavigableMap<Integer, Operator>> read() {
        var table = new HashMap<String, NavigableMap<Integer, Operator>>();
        try (var in = Operators.class.getResourceAsStream("operators.tsv")) {
            if (in == null) {
                throw new IllegalStateException("the agent's jar has no operators.tsv");
            }
            var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                var operator = Operator.parse(line);
                table.computeIfAbsent(key(operator.domain(), operator.name()), _ -> new TreeMap<>())
                        .put(operator.since(), operator);
            }
            return table;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static String key(String domain, String name) {
        return (domain.equals("ai.onnx") ? "" : domain) + ":" + name;
    }

    /** The revision of an operator that an operator set has; empty when it has none. */
    public static Optional<Operator> find(String domain, String name, long set) {
        var revisions = TABLE.get(key(domain, name));
        if (revisions == null) {
            return Optional.empty();
        }
        var entry = revisions.floorEntry((int) Math.min(set, Integer.MAX_VALUE));
        return entry == null ? Optional.empty() : Optional.of(entry.getValue());
    }

    /** The oldest operator set that has the operator; empty when none has. */
    static Optional<Integer> first(String domain, String name) {
        return Optional.ofNullable(TABLE.get(key(domain, name))).map(NavigableMap::firstKey);
    }

    static boolean hasDomain(String domain) {
        var prefix = key(domain, "");
        return TABLE.keySet().stream().anyMatch(key -> key.startsWith(prefix));
    }
}
