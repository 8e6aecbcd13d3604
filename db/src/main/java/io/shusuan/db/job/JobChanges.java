package io.shusuan.db.job;

import io.shusuan.db.job.Job.Told;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes what has become of jobs since they were read, and what was told of that: one statement, however many jobs. Of each it is
 * written if the job is as it was read, and not otherwise. A row that another transaction holds is passed over and not waited for, so that it
 * keeps none of the others waiting. Inside the caller's transaction.
 */
@Repository
public class JobChanges {

    /** Locked in the order of the ids, as by everybody who locks several. */
    private static final String WRITE = """
            with change as (
                select * from jsonb_to_recordset(cast(:changes as jsonb)) change (
                       id uuid, version bigint, state text, reason text, message text,
                       condition_reason text, condition_message text, condition_since timestamptz,
                       idle_since timestamptz, idle_message text, idle_stops_at timestamptz,
                       ending_as text, delegate_scheduler text, delegate_queue text, placement jsonb,
                       run integer, grace_seconds integer, ready_by timestamptz, unready integer, not_before timestamptz,
                       evicted_at timestamptz, evicted_for uuid,
                       admitted_at timestamptz, started_at timestamptz, finished_at timestamptz, told jsonb)),
            line as (
                select this.id, this.version
                  from (select id, version from change order by id) asked
                 cross join lateral (select j.id, j.version from jobs j
                                      where j.id = asked.id and j.version = asked.version
                                        for no key update skip locked) this),
            written as (
                update jobs j
                   set state = c.state, reason = c.reason, message = c.message,
                       condition_reason = c.condition_reason, condition_message = c.condition_message,
                       condition_since = c.condition_since,
                       idle_since = c.idle_since, idle_message = c.idle_message, idle_stops_at = c.idle_stops_at,
                       ending_as = c.ending_as, delegate_scheduler = c.delegate_scheduler,
                       delegate_queue = c.delegate_queue, placement = c.placement,
                       run = c.run, grace_seconds = c.grace_seconds, ready_by = c.ready_by, unready = c.unready,
                       not_before = c.not_before, evicted_at = c.evicted_at, evicted_for = c.evicted_for,
                       admitted_at = c.admitted_at, started_at = c.started_at, finished_at = c.finished_at,
                       version = j.version + 1
                  from change c join line on line.id = c.id
                 where j.id = c.id
                   and (j.state, j.reason, j.message, j.condition_reason, j.condition_message, j.condition_since,
                        j.idle_since, j.idle_message, j.idle_stops_at, j.ending_as, j.delegate_scheduler, j.delegate_queue,
                        j.placement, j.run, j.grace_seconds, j.ready_by, j.unready, j.not_before, j.evicted_at, j.evicted_for,
                        j.admitted_at, j.started_at, j.finished_at)
                       is distinct from
                       (c.state, c.reason, c.message, c.condition_reason, c.condition_message, c.condition_since,
                        c.idle_since, c.idle_message, c.idle_stops_at, c.ending_as, c.delegate_scheduler, c.delegate_queue,
                        c.placement, c.run, c.grace_seconds, c.ready_by, c.unready, c.not_before, c.evicted_at, c.evicted_for,
                        c.admitted_at, c.started_at, c.finished_at)
                returning j.id, j.version),
            events as (
                insert into job_events (job_id, at, type, reason, message)
                select line.id, told.at, told.type, told.reason, told.message
                  from change c join line on line.id = c.id
                 cross join lateral rows from (
                       jsonb_to_recordset(c.told) as (at timestamptz, type text, reason text, message text))
                       with ordinality told (at, type, reason, message, number)
                 order by told.number)
            select line.id, coalesce(written.version, line.version) as version
              from line left join written on written.id = line.id""";

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    private final JdbcClient jdbc;

    JobChanges(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** A job as the statement reads it: by the names of the columns. All that may change of it, but its {@linkplain #prioritise priority}. */
    private record Change(
            UUID id,
            long version,
            JobState state,
            @Nullable String reason,
            @Nullable String message,
            @Nullable String conditionReason,
            @Nullable String conditionMessage,
            @Nullable Instant conditionSince,
            @Nullable Instant idleSince,
            @Nullable String idleMessage,
            @Nullable Instant idleStopsAt,
            @Nullable JobState endingAs,
            @Nullable String delegateScheduler,
            @Nullable String delegateQueue,
            @Nullable List<Placed> placement,
            int run,
            long graceSeconds,
            @Nullable Instant readyBy,
            int unready,
            @Nullable Instant notBefore,
            @Nullable Instant evictedAt,
            @Nullable UUID evictedFor,
            @Nullable Instant admittedAt,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt,
            List<Told> told) {

        static Change of(Job job) {
            var condition = job.condition();
            var idle = job.idle();
            var delegate = job.delegate();
            var tenure = job.tenure();
            return new Change(
                    job.id().value(),
                    job.version(),
                    job.state(),
                    job.reason(),
                    job.message(),
                    condition == null ? null : condition.reason(),
                    condition == null ? null : condition.message(),
                    condition == null ? null : condition.since(),
                    idle == null ? null : idle.since(),
                    idle == null ? null : idle.message(),
                    idle == null ? null : idle.stopsAt(),
                    job.endingAs(),
                    delegate == null ? null : delegate.scheduler().name(),
                    delegate == null ? null : delegate.queue(),
                    job.placed(),
                    tenure.run(),
                    tenure.grace().toSeconds(),
                    tenure.readyBy(),
                    tenure.unready(),
                    tenure.notBefore(),
                    tenure.evictedAt(),
                    tenure.evictedFor(),
                    job.admittedAt(),
                    job.startedAt(),
                    job.finishedAt(),
                    job.told());
        }
    }

    private record Written(UUID id, long version) {}

    /** Writes the priority of a job whose row the caller's transaction holds, and what was told of it. */
    public void prioritise(Job held) {
        var of = held.priorityClass();
        jdbc.sql("update jobs set priority = :priority, priority_class = :class, version = version + 1 where id = :id")
                .param("priority", held.priority())
                .param("class", of == null ? null : of.value(), Types.VARCHAR)
                .param("id", held.id().value())
                .update();
        tell(held);
    }

    /** Writes only what was told of a job, whatever else has become of it meanwhile. */
    public void tell(Job job) {
        jdbc.sql("""
                        insert into job_events (job_id, at, type, reason, message)
                        select j.id, told.at, told.type, told.reason, told.message
                          from jobs j
                         cross join lateral rows from (
                               jsonb_to_recordset(cast(:told as jsonb)) as (at timestamptz, type text, reason text, message text))
                               with ordinality told (at, type, reason, message, number)
                         where j.id = :job
                         order by told.number""")
                .param("told", JSON.writeValueAsString(job.told()))
                .param("job", job.id().value())
                .update();
        job.written(job.version());
    }

    /** Returns those that were written, which then are as they are stored; each of the others was changed by somebody else, or is {@linkplain #held held}. */
    public List<Job> write(Collection<Job> changed) {
        if (changed.isEmpty()) {
            return List.of();
        }
        var jobs = new HashMap<UUID, Job>();
        changed.forEach(job -> jobs.put(job.id().value(), job));
        var written = new ArrayList<Job>(jobs.size());
        jdbc.sql(WRITE)
                .param(
                        "changes",
                        JSON.writeValueAsString(changed.stream().map(Change::of).toList()))
                .query((row, number) -> new Written(row.getObject("id", UUID.class), row.getLong("version")))
                .list()
                .forEach(each -> {
                    var job = Objects.requireNonNull(jobs.get(each.id()));
                    job.written(each.version());
                    written.add(job);
                });
        return written;
    }

    /** Of jobs that were not written, those that nobody has changed so far: another transaction holds their rows, or held them just now. */
    public Set<JobId> held(Collection<Job> notWritten) {
        if (notWritten.isEmpty()) {
            return Set.of();
        }
        return jdbc.sql("""
                        select j.id from jobs j join unnest(:ids, :versions) read (id, version)
                            on read.id = j.id and read.version = j.version""")
                .param("ids", notWritten.stream().map(job -> job.id().value()).toArray(UUID[]::new))
                .param("versions", notWritten.stream().map(Job::version).toArray(Long[]::new))
                .query((row, number) -> new JobId(row.getObject("id", UUID.class)))
                .set();
    }

    /** @throws OptimisticLockingFailureException if somebody else has changed one of them or holds it; the caller's transaction must end then */
    public void writeAll(Collection<Job> changed) {
        if (write(changed).size() < changed.size()) {
            throw new OptimisticLockingFailureException(
                    "one of %d jobs was changed meanwhile, or is held by another transaction"
                            .formatted(changed.size()));
        }
    }

    /** @throws OptimisticLockingFailureException if somebody else has changed it or holds it; nothing was written then */
    public void write(Job changed) {
        writeAll(List.of(changed));
    }
}
