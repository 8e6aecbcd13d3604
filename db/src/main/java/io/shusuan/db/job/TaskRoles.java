package io.shusuan.db.job;

import java.util.List;
import java.util.UUID;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** The task roles of stored jobs. */
public interface TaskRoles extends Repository<TaskRoleRow, TaskRoleRow.Key> {

    @Query("select r from TaskRoleRow r where r.key.jobId = :job order by r.key.ordinal")
    List<TaskRoleRow> findByJob(UUID job);

    default List<TaskRoleRow> of(JobId job) {
        return findByJob(job.value());
    }
}
