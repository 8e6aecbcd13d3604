package io.shusuan.scheduler.job;

import io.shusuan.db.Instants;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobKind;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Placed;
import io.shusuan.db.queue.Delegate;
import io.shusuan.db.queue.PriorityClassName;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.Ending;
import io.shusuan.scheduler.queue.Hold;
import io.shusuan.scheduler.queue.Moment;
import io.shusuan.scheduler.queue.Running;
import io.shusuan.scheduler.queue.Running.Departure;
import io.shusuan.scheduler.queue.WaitReason;
import io.shusuan.scheduler.queue.Waiting;
import io.shusuan.scheduler.queue.placement.Ask;
import io.shusuan.scheduler.queue.placement.Placement;
import io.shusuan.scheduler.queue.placement.Role;
import io.shusuan.scheduler.queue.quota.FlavourName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * All active jobs, as the queue sees them: read once, and then only those that have changed. Every change of a job is stamped
 * with the number of its transaction. Each reading first asks for the oldest transaction under way; the next one looks at all
 * jobs stamped with that or a later one, so that nothing that commits late is missed, whoever wrote it. For one thread.
 */
@Component
class ActiveJobs {

    private static final String COLUMNS = """
            select j.id, j.queue, j.owner, j.kind, j.state, j.priority, j.priority_class, j.created_at, j.evicted_for, j.not_before,
                   coalesce(j.started_at, j.admitted_at, j.created_at) as began, j.placement::text as placement,
                   j.demands::text as demands, (j.demands ->> 'timeLimitSeconds')::bigint as time_limit, j.admitted_at,
                   j.delegate_scheduler, j.delegate_queue, j.run > 1 or exists (select from evictions e where e.preemptor = j.id) as pledged,
                   case when j.state in (:active) then
                        (select json_agg(json_build_object('name', r.name, 'tasks', r.task_number,
                                                           'minimum', coalesce(r.min_task_number, r.task_number),
                                                           'milliCpus', r.milli_cpus, 'memoryMiB', r.memory_mib, 'gpus', r.gpus) order by r.ordinal)::text
                           from task_roles r where r.job_id = j.id) end as roles
              from jobs j
            """;

    private static final Set<String> ACTIVE =
            JobState.ACTIVE.stream().map(JobState::name).collect(Collectors.toUnmodifiableSet());

    private final JdbcClient jdbc;
    private final Asks asks = new Asks();
    private final JsonMapper json = new JsonMapper();
    private final Map<QueueName, Map<JobId, Waiting>> waiting = new HashMap<>();
    private final Map<JobId, Waiting> byId = new HashMap<>();
    private final Map<JobId, Running> running = new LinkedHashMap<>();

    /** Like those that run, but admitted by another scheduler. */
    private final Map<JobId, Running> runningElsewhere = new LinkedHashMap<>();

    private final Map<JobId, WaitingElsewhere> waitingElsewhere = new LinkedHashMap<>();

    /** Who stands aside for a while, since it was not ready in time. */
    private final Map<JobId, Instant> aside = new HashMap<>();

    /** Of those that wait, who had its turn already: it was evicted amid its work, or others were evicted for it. */
    private final Set<JobId> pledged = new HashSet<>();

    /** Of those that wait, the class of each that is of one. */
    private final Map<JobId, PriorityClassName> classes = new HashMap<>();

    /** The oldest transaction that was under way at the last reading; none before the first. */
    private @Nullable String mark;

    /** What is read on another thread, and whom of those the next reading tells to end. */
    private @Nullable CompletableFuture<List<JobId>> ahead;

    /** A job that was handed to another scheduler, which has not admitted it. */
    record WaitingElsewhere(JobId job, QueueName queue, Delegate to) {}

    ActiveJobs(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Begins to read, so that the first {@link #refresh} finds most of it done: there may be a hundred thousand, and more to be started meanwhile. */
    void readAhead() {
        ahead = CompletableFuture.supplyAsync(
                () -> {
                    var ending = new ArrayList<JobId>();
                    try {
                        read(ending::add);
                    } catch (DataAccessException databaseAway) {
                        clear(); // the first reading reads all of it, and says so if the database stays away
                    }
                    return ending;
                },
                Thread.ofPlatform().daemon().name("jobs-ahead")::start);
    }

    /**
     * Reads what has changed since the last time.
     *
     * @param ending is told of each that has to end: another replica may have been asked for that
     */
    void refresh(Consumer<JobId> ending) {
        wasReadAhead().forEach(ending);
        read(ending);
    }

    private List<JobId> wasReadAhead() {
        var reading = ahead;
        ahead = null;
        return reading == null ? List.of() : reading.join();
    }

    private void read(Consumer<JobId> ending) {
        var next = jdbc.sql("select pg_snapshot_xmin(pg_current_snapshot())::text")
                .query(String.class)
                .single();
        RowCallbackHandler take = row -> take(row, ending);
        if (mark == null) {
            jdbc.sql(COLUMNS + "where j.state in (:active) order by j.id")
                    .param("active", ACTIVE)
                    .query(take);
        } else {
            // The upper bound is for a database that was restored elsewhere: its stamps may be from a time yet to come.
            jdbc.sql(COLUMNS + """
                             where j.changed >= cast(:mark as xid8)
                               and j.changed < pg_snapshot_xmax(pg_current_snapshot())
                             order by j.id""").param("active", ACTIVE).param("mark", mark).query(take);
        }
        mark = next;
    }

    /** Drops those that are no longer there: a row that was deleted is none that has changed. */
    void sweep() {
        var there = new HashSet<>(jdbc.sql("select id from jobs where state in (:active)")
                .param("active", ACTIVE)
                .query((row, number) -> new JobId(row.getObject("id", UUID.class)))
                .list());
        List.copyOf(byId.keySet()).stream().filter(id -> !there.contains(id)).forEach(this::drop);
        running.keySet().retainAll(there);
        runningElsewhere.keySet().retainAll(there);
        waitingElsewhere.keySet().retainAll(there);
    }

    /** Begins anew with the next reading. */
    void forget() {
        wasReadAhead();
        clear();
    }

    private void clear() {
        mark = null;
        waiting.clear();
        byId.clear();
        aside.clear();
        pledged.clear();
        classes.clear();
        running.clear();
        runningElsewhere.clear();
        waitingElsewhere.clear();
    }

    /** Who waits, except in these queues. */
    List<Waiting> waiting(Set<QueueName> except, Instant now) {
        aside.values().removeIf(until -> !now.isBefore(until));
        return waiting.entrySet().stream()
                .filter(line -> !except.contains(line.getKey()))
                .flatMap(line -> line.getValue().values().stream())
                .map(this::heldBack)
                .toList();
    }

    private Waiting heldBack(Waiting job) {
        var until = aside.get(job.job());
        return until == null
                ? job
                : job.held(new Hold(
                        WaitReason.WAITING_FOR_PODS_READY,
                        "its tasks were not ready in time; it is tried again at %s".formatted(until)));
    }

    /** Who of them is not begun anew when it is admitted, but goes on, or gets what was made free for it. */
    Set<JobId> pledged() {
        return Set.copyOf(pledged);
    }

    /** The priority classes of those who wait and are of one; as they are until the next reading. */
    Map<JobId, PriorityClassName> priorityClasses() {
        return Collections.unmodifiableMap(classes);
    }

    /** The queues in which somebody waits. */
    Set<QueueName> queues() {
        return waiting.keySet();
    }

    /** Whoever holds resources that the platform has given it, those that are ending included. */
    List<Running> running() {
        return List.copyOf(running.values());
    }

    /** Whoever holds resources that another scheduler has given it. */
    List<Running> runningElsewhere() {
        return List.copyOf(runningElsewhere.values());
    }

    /** Whoever waits for another scheduler. */
    List<WaitingElsewhere> waitingElsewhere() {
        return List.copyOf(waitingElsewhere.values());
    }

    private void take(ResultSet row, Consumer<JobId> ending) throws SQLException {
        var id = new JobId(row.getObject("id", UUID.class));
        var state = JobState.valueOf(row.getString("state"));
        var to = delegate(row);
        waitingElsewhere.remove(id);
        switch (state) {
            case QUEUED -> {
                leave(id);
                var job = waiting(id, row);
                var until = Instants.orNull(row, "not_before");
                if (until != null) {
                    aside.put(id, until);
                }
                var of = row.getString("priority_class");
                if (of != null) {
                    classes.put(id, new PriorityClassName(of));
                }
                if (row.getBoolean("pledged")) {
                    pledged.add(id);
                }
                byId.put(id, job);
                waiting.computeIfAbsent(job.queue(), queue -> new LinkedHashMap<>())
                        .put(id, job);
            }
            case ADMITTED, STARTING, RUNNING, STOPPING -> {
                drop(id);
                (to == null ? running : runningElsewhere).put(id, running(id, state, row));
                if (state == JobState.STOPPING) {
                    ending.accept(id);
                }
            }
            case SUSPENDED -> {
                drop(id);
                leave(id);
                waitingElsewhere.put(
                        id,
                        new WaitingElsewhere(id, new QueueName(row.getString("queue")), Objects.requireNonNull(to)));
            }
            case SUCCEEDED, FAILED, STOPPED -> {
                drop(id);
                leave(id);
            }
        }
    }

    private void leave(JobId id) {
        running.remove(id);
        runningElsewhere.remove(id);
    }

    private static @Nullable Delegate delegate(ResultSet row) throws SQLException {
        var scheduler = row.getString("delegate_scheduler");
        return scheduler == null
                ? null
                : new Delegate(Delegate.Scheduler.valueOf(scheduler), row.getString("delegate_queue"));
    }

    private void drop(JobId id) {
        pledged.remove(id);
        classes.remove(id);
        var job = byId.remove(id);
        if (job != null) {
            waiting.computeIfPresent(job.queue(), (_, line) -> {
                line.remove(id);
                return line.isEmpty() ? null : line;
            });
        }
    }

    private Waiting waiting(JobId id, ResultSet row) throws SQLException {
        return new Waiting(
                id,
                new QueueName(row.getString("queue")),
                row.getString("owner"),
                row.getInt("priority"),
                moment(row, "created_at"),
                ask(row),
                limit(row),
                null,
                null);
    }

    private Running running(JobId id, JobState state, ResultSet row) throws SQLException {
        var began = moment(row, "began");
        var ask = ask(row);
        var job = new Running(
                id,
                new QueueName(row.getString("queue")),
                row.getString("owner"),
                row.getInt("priority"),
                began,
                began,
                ending(row),
                true,
                state == JobState.STOPPING ? departure(row) : null,
                placement(ask, row.getString("placement")));
        return state == JobState.RUNNING && ask.grows() ? job.wanting(waiting(id, row)) : job;
    }

    private Ask ask(ResultSet row) throws SQLException {
        return asks.of(row.getString("roles"), row.getString("demands"));
    }

    private static @Nullable Duration limit(ResultSet row) throws SQLException {
        var seconds = row.getObject("time_limit", Long.class);
        return seconds == null ? null : Duration.ofSeconds(seconds);
    }

    private static Ending ending(ResultSet row) throws SQLException {
        var limit = limit(row);
        if (limit != null) {
            return new Ending.By(moment(row, "admitted_at").plus(limit));
        }
        return JobKind.valueOf(row.getString("kind")).serves() ? Ending.NEVER : Ending.UNKNOWN;
    }

    /** Whoever ends makes room, too; but only who was evicted does so for somebody. */
    private static Departure departure(ResultSet row) throws SQLException {
        var preemptor = row.getObject("evicted_for", UUID.class);
        return new Departure(preemptor == null ? null : new JobId(preemptor));
    }

    private Placement placement(Ask ask, @Nullable String placement) {
        if (placement == null) {
            return new Placement(List.of());
        }
        return new Placement(Arrays.stream(json.readValue(placement, Placed[].class))
                .flatMap(placed -> ask.roles().stream()
                        .filter(role -> role.name().equals(placed.role()))
                        .map(role -> spot(placed, role)))
                .toList());
    }

    private static Placement.Spot spot(Placed placed, Role role) {
        return new Placement.Spot(
                role.name(), role.perTask(), new FlavourName(placed.flavour()), placed.node(), placed.tasks());
    }

    private static Moment moment(ResultSet row, String column) throws SQLException {
        return new Moment(Instants.of(row, column).toEpochMilli());
    }
}
