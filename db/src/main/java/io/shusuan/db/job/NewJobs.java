package io.shusuan.db.job;

import io.shusuan.db.queue.QueueState;
import java.sql.Types;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Stores submitted jobs, each with its roles, tasks, first events and key by one statement: thousands may come at once, and
 * what a submission costs is mostly its ways to the database.
 */
@Repository
public class NewJobs {

    private static final String STORE = """
            with line as (
                select state, case state when 'OPEN' then null else :closedReason end as reason,
                       case state when 'HELD' then :heldMessage when 'STOPPED' then :stoppedMessage end as message
                  from queues
                 where name = :queue and state <> 'DRAINED' and highest_priority is not distinct from :highest
                   and array(select class from queue_priority_classes where queue = name order by class) = cast(:classes as text[])),
            job as (
                insert into jobs (id, name, owner, queue, kind, state, priority, priority_class, description, spec, spec_media_type,
                                  artifact_sources, milli_cpus, memory_mib, gpus, reason, message, created_at, demands,
                                  version)
                select :id, :name, :owner, :queue, :kind, 'QUEUED', :priority, :priorityClass, :description, :spec, :mediaType,
                       (select coalesce(jsonb_object_agg(mount, job), '{}') from unnest(:mounts, :sources) s (mount, job)),
                       :milliCpus, :memoryMib, :gpus, line.reason, line.message, :now, cast(:demands as jsonb),
                       0
                  from line
                returning id, rank),
            role as (
                select * from (select id from job) job cross join unnest(:roleNames, :taskNumbers, :minTaskNumbers, :roleMilliCpus, :roleMemoryMib, :roleGpus, :images, :readinessPorts, :readinessPaths)
                         with ordinality r (name, task_number, min_task_number, milli_cpus, memory_mib, gpus, image, readiness_port, readiness_path, number)),
            roles as (
                insert into task_roles (job_id, ordinal, name, task_number, min_task_number, milli_cpus, memory_mib, gpus, image,
                                        readiness_port, readiness_path)
                select id, number - 1, name, task_number, nullif(min_task_number, task_number), milli_cpus, memory_mib, gpus, image,
                       readiness_port, readiness_path from role),
            tasks as (
                insert into tasks (job_id, role, task_index, state)
                select id, name, task_index, 'WAITING' from role cross join generate_series(0, task_number - 1) task_index),
            events as (
                insert into job_events (job_id, at, type, reason, message)
                select id, :now, 'NORMAL', told.reason, told.message
                  from job cross join line
                 cross join lateral (values (1, :submittedReason, :submitted), (2, line.reason, line.message)) told (number, reason, message)
                 where told.reason is not null
                 order by number),
            key as (
                insert into idempotency_keys (owner, key, digest, job_id, created_at)
                select :owner, :key, :digest, id, :now from job where :key is not null)
            select state, (select count(*) from (
                               select 1 from jobs j, job
                                where j.state = 'QUEUED' and j.queue = :queue and (j.rank, j.id) < (job.rank, job.id)
                                limit :lastPosition) earlier) as earlier
              from line""";

    private final JdbcClient jdbc;

    NewJobs(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Why a job waits whose queue admits none: whether it does, the statement finds out. */
    public record WhenClosed(String reason, String held, String stopped) {}

    /**
     * By which limits of its queue the priority of a job was judged: whether they still are so, the statement finds out.
     *
     * @param classes in alphabetical order
     */
    public record JudgedBy(@Nullable Integer highestPriority, List<String> classes) {}

    /** @param position in the line of its queue, as {@link JobSearch#position} tells it */
    public record Stored(@Nullable Long position) {}

    private record Line(QueueState state, long earlier) {}

    /**
     * Stores a job; the caller's copy of it is as the stored one afterwards.
     *
     * @param demands what it asks for beside resources, as JSON that the queue reads; null for nothing
     * @return nothing if there is no such queue, it takes no jobs, or has other limits: then nothing was stored
     * @throws org.springframework.dao.DataIntegrityViolationException if its name or its key is taken
     */
    public Optional<Stored> store(
            Job job,
            List<TaskRoleRow> roles,
            @Nullable String demands,
            @Nullable IdempotencyKey key,
            WhenClosed whenClosed,
            JudgedBy judgedBy) {
        var sources = List.copyOf(job.artifactSources().entrySet());
        var submitted = job.told().getFirst();
        var line = jdbc.sql(STORE)
                .param("id", job.id().value())
                .param("name", job.name().value())
                .param("owner", job.owner())
                .param("queue", job.queue().value())
                .param("highest", judgedBy.highestPriority(), Types.INTEGER)
                .param("classes", judgedBy.classes().toArray(String[]::new))
                .param("lastPosition", JobSearch.LAST_POSITION)
                .param("kind", job.kind().name())
                .param("priority", job.priority())
                .param(
                        "priorityClass",
                        job.priorityClass() == null ? null : job.priorityClass().value(),
                        Types.VARCHAR)
                .param("description", job.description(), Types.VARCHAR)
                .param("spec", job.spec())
                .param("mediaType", job.specMediaType())
                .param("mounts", sources.stream().map(Map.Entry::getKey).toArray(String[]::new))
                .param(
                        "sources",
                        sources.stream().map(mount -> mount.getValue().value()).toArray(UUID[]::new))
                .param("milliCpus", job.total().milliCpus())
                .param("memoryMib", job.total().memoryMiB())
                .param("gpus", job.total().gpus())
                .param("demands", demands, Types.VARCHAR)
                .param("now", job.createdAt().atOffset(ZoneOffset.UTC))
                .param("submittedReason", submitted.reason())
                .param("submitted", submitted.message())
                .param("closedReason", whenClosed.reason())
                .param("heldMessage", whenClosed.held())
                .param("stoppedMessage", whenClosed.stopped())
                .param("roleNames", roles.stream().map(TaskRoleRow::name).toArray(String[]::new))
                .param(
                        "taskNumbers",
                        roles.stream().map(TaskRoleRow::taskNumber).toArray(Integer[]::new))
                .param(
                        "minTaskNumbers",
                        roles.stream().map(TaskRoleRow::minTaskNumber).toArray(Integer[]::new))
                .param("roleMilliCpus", column(roles, Resources::milliCpus))
                .param("roleMemoryMib", column(roles, Resources::memoryMiB))
                .param(
                        "roleGpus",
                        roles.stream().map(role -> role.perTask().gpus()).toArray(Integer[]::new))
                .param("images", roles.stream().map(TaskRoleRow::image).toArray(String[]::new))
                .param("readinessPorts", readiness(roles, TaskRoleRow.Readiness::port))
                .param("readinessPaths", readiness(roles, TaskRoleRow.Readiness::path))
                .param("key", key == null ? null : key.key(), Types.VARCHAR)
                .param("digest", key == null ? null : key.digest(), Types.VARCHAR)
                .query((row, number) -> new Line(QueueState.valueOf(row.getString("state")), row.getLong("earlier")))
                .optional();
        line.ifPresent(found -> {
            switch (found.state()) {
                case OPEN, DRAINED -> {}
                case HELD -> job.waitsBecause(whenClosed.reason(), whenClosed.held(), job.createdAt());
                case STOPPED -> job.waitsBecause(whenClosed.reason(), whenClosed.stopped(), job.createdAt());
            }
            job.written(0);
        });
        return line.map(found -> new Stored(JobSearch.position(found.earlier())));
    }

    private static @Nullable String[] readiness(List<TaskRoleRow> roles, Function<TaskRoleRow.Readiness, String> part) {
        return roles.stream()
                .map(TaskRoleRow::readiness)
                .map(each -> each == null ? null : part.apply(each))
                .toArray(String[]::new);
    }

    private static Long[] column(List<TaskRoleRow> roles, ToLongFunction<Resources> number) {
        return roles.stream().map(role -> number.applyAsLong(role.perTask())).toArray(Long[]::new);
    }
}
