package io.shusuan.db.job;

import io.shusuan.db.queue.QueueState;
import java.sql.Types;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
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
                  from queues where name = :queue and state <> 'DRAINED'),
            job as (
                insert into jobs (id, name, owner, queue, kind, state, priority, priority_class, description, spec, spec_media_type,
                                  artifact_sources, milli_cpus, memory_mib, gpus, reason, message, created_at, demands,
                                  version)
                select :id, :name, :owner, :queue, :kind, 'QUEUED', :priority, :priorityClass, :description, :spec, :mediaType,
                       (select coalesce(jsonb_object_agg(mount, job), '{}') from unnest(:mounts, :sources) s (mount, job)),
                       :milliCpus, :memoryMib, :gpus, line.reason, line.message, :now, cast(:demands as jsonb),
                       0
                  from line
                returning id),
            role as (
                select * from job cross join unnest(:roleNames, :taskNumbers, :minTaskNumbers, :roleMilliCpus, :roleMemoryMib, :roleGpus, :images, :readinessPorts, :readinessPaths)
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
            select state from line""";

    private final JdbcClient jdbc;

    NewJobs(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Why a job waits whose queue admits none: whether it does, the statement finds out. */
    public record WhenClosed(String reason, String held, String stopped) {}

    /**
     * Stores a job; the caller's copy of it is as the stored one afterwards.
     *
     * @param demands what it asks for beside resources, as JSON that the queue reads; null for nothing
     * @return false if there is no such queue, or it takes no jobs: then nothing was stored
     * @throws org.springframework.dao.DataIntegrityViolationException if its name or its key is taken
     */
    public boolean store(
            Job job,
            List<TaskRoleRow> roles,
            @Nullable String demands,
            @Nullable IdempotencyKey key,
            WhenClosed whenClosed) {
        var sources = List.copyOf(job.artifactSources().entrySet());
        var submitted = job.firstEvent();
        var state = jdbc.sql(STORE)
                .param("id", job.id().value())
                .param("name", job.name().value())
                .param("owner", job.owner())
                .param("queue", job.queue().value())
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
                .query(String.class)
                .optional()
                .map(QueueState::valueOf);
        state.ifPresent(found -> {
            switch (found) {
                case OPEN, DRAINED -> {}
                case HELD -> job.waitsBecause(whenClosed.reason(), whenClosed.held(), job.createdAt());
                case STOPPED -> job.waitsBecause(whenClosed.reason(), whenClosed.stopped(), job.createdAt());
            }
        });
        return state.isPresent();
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
