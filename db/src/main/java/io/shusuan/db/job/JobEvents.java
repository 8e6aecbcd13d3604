package io.shusuan.db.job;

import java.util.List;
import java.util.UUID;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** What happened to stored jobs, oldest first. */
public interface JobEvents extends Repository<JobEvent, Long> {

    @Query("select e from JobEvent e where e.job.id = :job and e.id > :after order by e.id")
    List<JobEvent> findByJob(UUID job, long after, Limit limit);

    default List<JobEvent> of(JobId job, long after, int limit) {
        return findByJob(job.value(), after, Limit.of(limit));
    }
}
