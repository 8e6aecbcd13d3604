package io.shusuan.db.job;

import java.util.List;
import java.util.UUID;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** The tasks of stored jobs. */
public interface Tasks extends Repository<Task, Task.Key> {

    @Query("select t from Task t where t.key.jobId = :job order by t.key.role, t.key.taskIndex")
    List<Task> findByJob(UUID job);

    default List<Task> of(JobId job) {
        return findByJob(job.value());
    }
}
