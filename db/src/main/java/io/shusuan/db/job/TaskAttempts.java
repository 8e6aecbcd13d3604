package io.shusuan.db.job;

import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** The attempts of stored jobs. */
public interface TaskAttempts extends Repository<TaskAttempt, TaskAttempt.Key> {

    @Query("select a from TaskAttempt a where a.key.jobId = :job order by a.role, a.taskIndex, a.number")
    List<TaskAttempt> findByJob(UUID job);

    @Query("""
            select a from TaskAttempt a
             where a.key.jobId = :job and concat(a.role, '-', cast(a.taskIndex as string)) in :tasks
             order by a.role, a.taskIndex, a.number""")
    List<TaskAttempt> findByTasks(UUID job, Collection<String> tasks);

    default List<TaskAttempt> of(JobId job) {
        return findByJob(job.value());
    }

    /** @param tasks as {@link Task#name()} calls them */
    default List<TaskAttempt> of(JobId job, Collection<String> tasks) {
        return findByTasks(job.value(), tasks);
    }
}
