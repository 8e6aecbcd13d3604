package io.shusuan.db.job;

import java.util.List;
import java.util.UUID;
import org.springframework.data.domain.Limit;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** What happened to stored jobs. */
public interface JobEvents extends Repository<JobEvent, Long> {

    @Query("select e from JobEvent e where e.job.id = :job and e.id > :after order by e.id")
    List<JobEvent> findByJob(UUID job, long after, Limit limit);

    @Query("select e from JobEvent e where e.job.id = :job order by e.id desc")
    List<JobEvent> findNewestByJob(UUID job, Limit limit);

    /** The first ones behind an id, oldest first. */
    default List<JobEvent> of(JobId job, long after, int limit) {
        return findByJob(job.value(), after, Limit.of(limit));
    }

    /** The last ones, newest first. */
    default List<JobEvent> newestOf(JobId job, int limit) {
        return findNewestByJob(job.value(), Limit.of(limit));
    }
}
