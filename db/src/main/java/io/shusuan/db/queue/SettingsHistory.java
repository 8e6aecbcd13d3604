package io.shusuan.db.queue;

import io.shusuan.db.Instants;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What was said of queues, cohorts and flavours, when and by whom. The database notes it down with each change itself. */
@Repository
public class SettingsHistory {

    private final JdbcClient jdbc;
    private final JsonMapper json = new JsonMapper();

    public SettingsHistory(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Of what something is said. */
    public enum Kind {
        QUEUE,
        COHORT,
        FLAVOUR
    }

    /**
     * A setting that was changed.
     *
     * @param setting as the API calls it, such as {@code quotas.h100.nominal.gpus}
     * @param before null, if it had no value
     */
    public record Change(
            String setting,
            @Nullable String before,
            @Nullable String after) {}

    /**
     * What somebody changed at once.
     *
     * @param who null, if that is not known
     * @param first whether nothing is known of the time before
     * @param removed whether it was not there any more from then on
     */
    public record Entry(Instant at, @Nullable String who, boolean first, boolean removed, List<Change> changes) {}

    /** @param settings nothing for what was removed */
    private record Kept(Instant at, @Nullable String who, Optional<Map<String, String>> settings) {}

    /** Says who makes the changes of this transaction. */
    public void by(String who) {
        jdbc.sql("select set_config('shusuan.who', :who, true)")
                .param("who", who)
                .query(String.class)
                .single();
    }

    /** The newest first; nothing of what there never was. */
    public List<Entry> of(Kind kind, String name, int most) {
        var kept = jdbc.sql("""
                        select at, who, settings::text from settings_history
                         where kind = :kind and name = :name order by id desc limit :most""")
                .param("kind", kind.name())
                .param("name", name)
                .param("most", most + 1)
                .query((row, number) -> new Kept(
                        Instants.of(row, "at"),
                        row.getString("who"),
                        Optional.ofNullable(row.getString("settings")).map(this::flat)))
                .list();
        var entries = new ArrayList<Entry>();
        for (var i = 0; i < Math.min(kept.size(), most); i++) {
            entries.add(entry(kept.get(i), i + 1 < kept.size() ? kept.get(i + 1) : null));
        }
        return entries;
    }

    /** What was removed is not taken apart: who made it anew later says all of it again. */
    private static Entry entry(Kept now, @Nullable Kept before) {
        var removed = now.settings().isEmpty();
        var changes = removed || before == null
                ? List.<Change>of()
                : changes(before.settings().orElse(Map.of()), now.settings().orElseThrow());
        return new Entry(now.at(), now.who(), before == null, removed, changes);
    }

    private static List<Change> changes(Map<String, String> before, Map<String, String> after) {
        var names = new TreeSet<>(before.keySet());
        names.addAll(after.keySet());
        return names.stream()
                .filter(name -> !Objects.equals(before.get(name), after.get(name)))
                .map(name -> new Change(name, before.get(name), after.get(name)))
                .toList();
    }

    private Map<String, String> flat(String settings) {
        var flat = new TreeMap<String, String>();
        flatten("", json.readTree(settings), flat);
        return flat;
    }

    private static void flatten(String prefix, JsonNode node, Map<String, String> into) {
        for (var field : node.properties()) {
            if (field.getValue().isObject()) {
                flatten(prefix + field.getKey() + ".", field.getValue(), into);
            } else {
                into.put(prefix + field.getKey(), field.getValue().asString());
            }
        }
    }
}
