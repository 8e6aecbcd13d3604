package io.shusuan.db.queue;

import io.shusuan.db.Instants;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What was said of queues, when and by whom. The database notes it down with each change itself. */
@Repository
public class QueueHistory {

    private final JdbcClient jdbc;
    private final JsonMapper json = new JsonMapper();

    public QueueHistory(JdbcClient jdbc) {
        this.jdbc = jdbc;
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
     */
    public record Entry(Instant at, @Nullable String who, boolean first, List<Change> changes) {}

    private record Kept(Instant at, @Nullable String who, Map<String, String> settings) {}

    /** Says who makes the changes of this transaction. */
    public void by(String who) {
        jdbc.sql("select set_config('shusuan.who', :who, true)")
                .param("who", who)
                .query(String.class)
                .single();
    }

    /** The newest first. */
    public List<Entry> of(QueueName queue, int most) {
        var kept = jdbc.sql(
                        "select at, who, settings::text from queue_history where queue = :queue order by id desc limit :most")
                .param("queue", queue.value())
                .param("most", most + 1)
                .query((row, number) ->
                        new Kept(Instants.of(row, "at"), row.getString("who"), flat(row.getString("settings"))))
                .list();
        var entries = new ArrayList<Entry>();
        for (var i = 0; i < Math.min(kept.size(), most); i++) {
            var now = kept.get(i);
            var before = i + 1 < kept.size() ? kept.get(i + 1).settings() : null;
            entries.add(new Entry(
                    now.at(), now.who(), before == null, before == null ? List.of() : changes(before, now.settings())));
        }
        return entries;
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
