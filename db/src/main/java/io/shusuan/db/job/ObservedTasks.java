package io.shusuan.db.job;

import io.shusuan.db.job.TaskAttempt.Report;
import java.sql.Types;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Writes what was seen of the tasks of jobs, each time by one statement, however many there are: rows are compared where they
 * are, and those that say the same stay untouched. Inside the caller's transaction.
 */
@Repository
public class ObservedTasks {

    private static final String ATTEMPTS = """
            insert into attempts (job_id, uid, role, task_index, run, number,
                                  state, node, endpoints, exit_code, reason, message, started_at, finished_at)
            select job_id, uid, role, task_index, run, number,
                   state, node, to_jsonb(string_to_array(endpoints, chr(10))), exit_code, reason, message, cast(started_at as timestamptz), cast(finished_at as timestamptz)
              from unnest(:jobs, :uids, :roles, :indexes, :runs, :numbers,
                          :states, :nodes, :endpoints, :exitCodes, :reasons, :messages, :startedAt, :finishedAt)
                   seen (job_id, uid, role, task_index, run, number,
                         state, node, endpoints, exit_code, reason, message, started_at, finished_at)
                on conflict (job_id, uid) do update
               set state = excluded.state, node = excluded.node, endpoints = excluded.endpoints, exit_code = excluded.exit_code,
                   reason = excluded.reason, message = excluded.message,
                   started_at = excluded.started_at, finished_at = excluded.finished_at
             where (attempts.state, attempts.node, attempts.endpoints, attempts.exit_code, attempts.reason, attempts.message,
                    attempts.started_at, attempts.finished_at)
                   is distinct from
                   (excluded.state, excluded.node, excluded.endpoints, excluded.exit_code, excluded.reason, excluded.message,
                    excluded.started_at, excluded.finished_at)
            returning job_id""";

    private static final String TASKS = """
            update tasks
               set state = seen.state, ready = seen.ready, message = seen.message
              from unnest(:jobs, :roles, :indexes, :states, :ready, :messages) seen (job_id, role, task_index, state, ready, message)
             where tasks.job_id = seen.job_id and tasks.role = seen.role and tasks.task_index = seen.task_index
               and (tasks.state, tasks.ready, tasks.message) is distinct from (seen.state, seen.ready, seen.message)
            returning tasks.job_id""";

    private static final String RESET = """
            update tasks set state = 'WAITING', ready = false, message = null
             where job_id = any(:jobs) and (state, ready, message) is distinct from ('WAITING', false, null)""";

    private static final String SETTLE = """
            update tasks set state = 'STOPPED', ready = false, message = null
             where job_id = any(:jobs) and state in ('WAITING', 'STARTING', 'RUNNING')""";

    private static final String LEAVE_OUT = """
            update tasks set state = 'STOPPED', ready = false, message = :message
             where job_id = :job
               and task_index >= coalesce((select part.tasks from unnest(:roles, :tasks) part (role, tasks)
                                            where part.role = tasks.role), 0)""";

    private final JdbcClient jdbc;

    ObservedTasks(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** A try to run a task, as it was seen. */
    public record SeenAttempt(JobId job, String uid, String role, int index, int run, int number, Report report) {}

    /** A task, as its newest attempt shows it. */
    public record SeenTask(
            JobId job,
            String role,
            int index,
            TaskState state,
            boolean ready,
            @Nullable String message) {}

    /** Returns the jobs of which there was anything new in them. */
    public Set<JobId> attempts(List<SeenAttempt> seen) {
        if (seen.isEmpty()) {
            return Set.of();
        }
        var reports = seen.stream().map(SeenAttempt::report).toList();
        return jdbc.sql(ATTEMPTS)
                .param("jobs", ids(seen, SeenAttempt::job))
                .param("uids", texts(seen, SeenAttempt::uid))
                .param("roles", texts(seen, SeenAttempt::role))
                .param("indexes", numbers(seen, SeenAttempt::index))
                .param("runs", numbers(seen, SeenAttempt::run))
                .param("numbers", numbers(seen, SeenAttempt::number))
                .param("states", texts(reports, Report::state))
                .param("nodes", texts(reports, Report::node))
                .param("endpoints", texts(reports, report -> String.join("\n", report.endpoints())))
                .param("exitCodes", numbers(reports, Report::exitCode))
                .param("reasons", texts(reports, Report::reason))
                .param("messages", texts(reports, Report::message))
                .param("startedAt", times(reports, Report::startedAt))
                .param("finishedAt", times(reports, Report::finishedAt))
                .query((row, number) -> new JobId(row.getObject("job_id", UUID.class)))
                .set();
    }

    /** Returns the jobs of which there was anything new in them. */
    public Set<JobId> tasks(List<SeenTask> seen) {
        if (seen.isEmpty()) {
            return Set.of();
        }
        return jdbc.sql(TASKS)
                .param("jobs", ids(seen, SeenTask::job))
                .param("roles", texts(seen, SeenTask::role))
                .param("indexes", numbers(seen, SeenTask::index))
                .param("states", texts(seen, each -> each.state().name()))
                .param("ready", seen.stream().map(SeenTask::ready).toArray(Boolean[]::new))
                .param("messages", texts(seen, SeenTask::message))
                .query((row, number) -> new JobId(row.getObject("job_id", UUID.class)))
                .set();
    }

    /** Whatever they have been: they are to begin. */
    public void reset(Collection<JobId> jobs) {
        update(RESET, jobs);
    }

    /** Those that were under way are stopped. */
    public void settle(Collection<JobId> jobs) {
        update(SETTLE, jobs);
    }

    private void update(String statement, Collection<JobId> jobs) {
        if (!jobs.isEmpty()) {
            jdbc.sql(statement).param("jobs", ids(jobs, Function.identity())).update();
        }
    }

    /**
     * All but the first of each role have no part in this run.
     *
     * @param tasks how many of each role do have; of a role that is not named, none
     */
    public void leaveOut(JobId job, Map<String, Integer> tasks, String message) {
        var parts = List.copyOf(tasks.entrySet());
        jdbc.sql(LEAVE_OUT)
                .param("job", job.value())
                .param("roles", texts(parts, Map.Entry::getKey))
                .param("tasks", numbers(parts, Map.Entry::getValue))
                .param("message", message, Types.VARCHAR)
                .update();
    }

    private static <T> UUID[] ids(Collection<T> all, Function<T, JobId> job) {
        return all.stream().map(each -> job.apply(each).value()).toArray(UUID[]::new);
    }

    private static <T> @Nullable String[] texts(Collection<T> all, Function<T, @Nullable String> text) {
        return all.stream().map(text).toArray(String[]::new);
    }

    private static <T> @Nullable Integer[] numbers(Collection<T> all, Function<T, @Nullable Integer> number) {
        return all.stream().map(number).toArray(Integer[]::new);
    }

    private static @Nullable String[] times(List<Report> all, Function<Report, @Nullable Instant> time) {
        return texts(all, report -> {
            var at = time.apply(report);
            return at == null ? null : at.toString();
        });
    }
}
