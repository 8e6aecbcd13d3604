package io.shusuan.db.job;

import java.util.List;
import java.util.UUID;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** The tasks of stored jobs. */
public interface Tasks extends Repository<Task, Task.Key> {

    @Query("select t from Task t where t.key.jobId = :job order by t.key.role, t.key.taskIndex")
    List<Task> findByJob(UUID job);

    @Query("""
            select t from Task t where t.key.jobId = :job
             order by case when t.state = 'FAILED' then 0 else 1 end, t.key.role, t.key.taskIndex""")
    List<Task> findFailedFirst(UUID job, Limit limit);

    default List<Task> of(JobId job) {
        return findByJob(job.value());
    }

    /** At most so many, those that failed before all others. */
    default List<Task> failedFirst(JobId job, int limit) {
        return findFailedFirst(job.value(), Limit.of(limit));
    }
}
