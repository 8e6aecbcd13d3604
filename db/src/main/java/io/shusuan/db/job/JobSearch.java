package io.shusuan.db.job;

import io.shusuan.db.Instants;
import io.shusuan.db.queue.PriorityClassName;
import io.shusuan.db.queue.QueueName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Lists of jobs, newest first. Pages are found by the last id seen (keyset), so that the thousandth page costs what the
 * first one does; there is no OFFSET and no count.
 */
@Repository
public class JobSearch {

    private static final String COLUMNS = """
            id, name, owner, queue, kind, state, priority, priority_class, milli_cpus, memory_mib, gpus, reason, message,
            condition_reason, idle_since, created_at, started_at, finished_at""";

    private static final String MATCHES = "search @@ to_tsquery('simple', :words)";

    /** Among how many of the newest jobs a word is looked for first; few where other filters make each of them dear. */
    private static final int WINDOW = 10_000;

    private static final int FILTERED_WINDOW = 300;

    static final int LAST_POSITION = 1000;

    private final JdbcClient jdbc;

    JobSearch(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * What to list. Empty states mean all; words of the text are matched as prefixes of words of name and description.
     *
     * @param idle only those that were warned that all their GPUs do nothing
     */
    public record Filter(
            Set<JobState> states,
            boolean idle,
            @Nullable JobKind kind,
            @Nullable String owner,
            @Nullable String queue,
            @Nullable String text) {

        public static final Filter ALL = new Filter(Set.of(), false, null, null, null, null);
    }

    /** A page, and where the next one begins; no cursor means that this is the last. */
    public record Page(List<JobSummary> jobs, @Nullable JobId next) {}

    public Page find(Filter filter, @Nullable JobId before, int limit) {
        var where = new ArrayList<String>();
        Map<String, Object> values = new HashMap<>();
        if (!filter.states().isEmpty()) {
            // Names of an enum, never user text, so they may stand in the statement: the planner then sees the
            // partial index of active jobs.
            where.add(filter.states().stream()
                    .map(state -> "'" + state.name() + "'")
                    .collect(Collectors.joining(", ", "state in (", ")")));
        }
        if (filter.idle()) {
            where.add("state = 'RUNNING' and idle_since is not null"); // nobody else is warned
        }
        if (filter.kind() != null) {
            where.add("kind = :kind");
            values.put("kind", filter.kind().name());
        }
        if (filter.owner() != null) {
            where.add("owner = :owner");
            values.put("owner", filter.owner());
        }
        if (filter.queue() != null) {
            where.add("queue = :queue");
            values.put("queue", filter.queue());
        }
        if (before != null) {
            where.add("id < :before");
            values.put("before", before.value());
        }
        values.put("limit", limit + 1);
        var words = words(filter.text());
        if (words.isEmpty() && filter.text() != null && !filter.text().isBlank()) {
            return new Page(List.of(), null); // signs alone are in no text
        }
        var found = words.isEmpty() ? newest(where, values) : matching(words, where, values, limit);
        return found.size() <= limit
                ? new Page(found, null)
                : new Page(found.subList(0, limit), found.get(limit - 1).id());
    }

    private List<JobSummary> newest(List<String> where, Map<String, Object> values) {
        return jobs("select " + COLUMNS + " from jobs" + conditions(where) + " order by id desc limit :limit", values);
    }

    /**
     * Whether a word is common decides how it is best looked for, and PostgreSQL does not know: of the beginning of a word it
     * assumes the same small share whatever it is. A common word fills a page from the newest jobs; only when it does not, and
     * so is rare, the index of words is asked.
     */
    private List<JobSummary> matching(String words, List<String> where, Map<String, Object> values, int limit) {
        values.put("words", words);
        values.put("window", where.isEmpty() ? WINDOW : FILTERED_WINDOW);
        var recent = jobs(
                "select * from (select " + COLUMNS + ", search from jobs" + conditions(where)
                        + " order by id desc limit :window) newest where " + MATCHES + " order by id desc limit :limit",
                values);
        if (recent.size() > limit) {
            return recent;
        }
        where.add(MATCHES);
        return jobs(
                "with hits as materialized (select " + COLUMNS + " from jobs" + conditions(where)
                        + ") select * from hits order by id desc limit :limit",
                values);
    }

    private List<JobSummary> jobs(String sql, Map<String, Object> values) {
        return jdbc.sql(sql).params(values).query((row, number) -> summary(row)).list();
    }

    private static String conditions(List<String> where) {
        return where.isEmpty() ? "" : " where " + String.join(" and ", where);
    }

    /** How many jobs are in each active state: read from the small index of active jobs. */
    public Map<JobState, Long> activeByState() {
        var counts = new HashMap<JobState, Long>();
        jdbc.sql("select state, count(*) as n from jobs where state in (" + activeStates() + ") group by state")
                .query(row -> {
                    counts.put(JobState.valueOf(row.getString("state")), row.getLong("n"));
                });
        return counts;
    }

    /** Those who wait in a queue, as they stand in its line: the first of them. */
    public List<JobSummary> line(QueueName queue, int limit) {
        return jobs(
                "select " + COLUMNS
                        + " from jobs where state = 'QUEUED' and queue = :queue order by rank, id limit :limit",
                Map.of("queue", queue.value(), "limit", limit));
    }

    /**
     * Where a job stands in the line of its queue, from 1. Nothing for one that does not wait, and for one behind the first
     * thousand: to count costs time for each job in front.
     */
    public @Nullable Long position(Job job) {
        if (job.state() != JobState.QUEUED) {
            return null;
        }
        var before = jdbc.sql("""
                        select count(*) from (
                            select 1 from jobs j, (select queue, rank, id from jobs where id = :id) this
                             where j.state = 'QUEUED' and j.queue = this.queue and (j.rank, j.id) < (this.rank, this.id)
                             limit :most) earlier""")
                .param("id", job.id().value())
                .param("most", LAST_POSITION)
                .query(Long.class)
                .single();
        return position(before);
    }

    /** @param earlier how many are in front, as far as they were counted */
    static @Nullable Long position(long earlier) {
        return earlier < LAST_POSITION ? earlier + 1 : null;
    }

    private static String activeStates() {
        return EnumSet.copyOf(JobState.ACTIVE).stream()
                .map(state -> "'" + state.name() + "'")
                .collect(Collectors.joining(", "));
    }

    /** Every word as a quoted prefix, all of them wanted; letters of a query language are never passed on. */
    private static String words(@Nullable String text) {
        return text == null
                ? ""
                : Stream.of(text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+"))
                        .filter(word -> !word.isEmpty())
                        .limit(8)
                        .map(word -> "'" + word + "':*")
                        .collect(Collectors.joining(" & "));
    }

    private static JobSummary summary(ResultSet row) throws SQLException {
        return new JobSummary(
                new JobId(row.getObject("id", UUID.class)),
                new JobName(row.getString("name")),
                row.getString("owner"),
                new QueueName(row.getString("queue")),
                JobKind.valueOf(row.getString("kind")),
                JobState.valueOf(row.getString("state")),
                row.getInt("priority"),
                Optional.ofNullable(row.getString("priority_class"))
                        .map(PriorityClassName::new)
                        .orElse(null),
                new Resources(row.getLong("milli_cpus"), row.getLong("memory_mib"), row.getInt("gpus")),
                row.getString("reason"),
                row.getString("message"),
                row.getString("condition_reason"),
                Instants.orNull(row, "idle_since"),
                Instants.of(row, "created_at"),
                Instants.orNull(row, "started_at"),
                Instants.orNull(row, "finished_at"));
    }
}
