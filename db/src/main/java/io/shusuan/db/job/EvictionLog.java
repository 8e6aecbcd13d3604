package io.shusuan.db.job;

import io.shusuan.db.Instants;
import java.sql.Types;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Who was evicted, for whom, and what that cost. */
@Repository
public class EvictionLog {

    private final JdbcClient jdbc;

    EvictionLog(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    public void add(Eviction eviction) {
        var preemptor = eviction.preemptor();
        jdbc.sql("""
                        insert into evictions (job_id, run, at, cause, preemptor, wasted_gpu_seconds)
                        values (:job, :run, :at, :cause, :preemptor, :wasted)""")
                .param("job", eviction.job().value())
                .param("run", eviction.run())
                .param("at", eviction.at().atOffset(ZoneOffset.UTC))
                .param("cause", eviction.cause().name())
                .param("preemptor", preemptor == null ? null : preemptor.value(), Types.OTHER)
                .param("wasted", eviction.wastedGpuSeconds())
                .update();
    }

    /** Those of a job, in the order of its runs. */
    public List<Eviction> of(JobId job) {
        return jdbc.sql("select * from evictions where job_id = :job order by run, at")
                .param("job", job.value())
                .query((row, number) -> {
                    var preemptor = row.getObject("preemptor", UUID.class);
                    return new Eviction(
                            job,
                            row.getInt("run"),
                            Instants.of(row, "at"),
                            EvictionCause.valueOf(row.getString("cause")),
                            preemptor == null ? null : new JobId(preemptor),
                            row.getLong("wasted_gpu_seconds"));
                })
                .list();
    }
}
