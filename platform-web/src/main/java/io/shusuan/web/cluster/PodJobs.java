package io.shusuan.web.cluster;

import io.shusuan.db.job.JobId;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Which job a pod is of: an attempt's uid is that of its pod. */
@Repository
class PodJobs {

    private final JdbcClient jdbc;

    PodJobs(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** By the pods' uids, of some jobs only. */
    Map<String, JobId> of(Collection<JobId> jobs, Collection<String> pods) {
        var found = new HashMap<String, JobId>();
        if (!jobs.isEmpty() && !pods.isEmpty()) {
            jdbc.sql("select uid, job_id from attempts where job_id = any(:jobs) and uid = any(:pods)")
                    .param("jobs", jobs.stream().map(JobId::value).toArray(UUID[]::new))
                    .param("pods", pods.toArray(String[]::new))
                    .query(row -> {
                        found.put(row.getString("uid"), new JobId(row.getObject("job_id", UUID.class)));
                    });
        }
        return found;
    }
}
