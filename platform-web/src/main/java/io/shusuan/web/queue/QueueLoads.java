package io.shusuan.web.queue;

import io.shusuan.db.job.JobState;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** How many jobs wait and hold resources in each queue, read from the rows of active jobs. */
@Repository
class QueueLoads {

    private static final String ACTIVE =
            JobState.ACTIVE.stream().map(state -> "'" + state.name() + "'").collect(Collectors.joining(", "));

    private final JdbcClient jdbc;

    QueueLoads(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * The active jobs of a queue.
     *
     * @param idle of how many the GPUs do nothing
     */
    record Load(long waiting, long holding, long gpus, long idle) {
        static final Load NONE = new Load(0, 0, 0, 0);
    }

    Map<String, Load> byQueue() {
        var loads = new HashMap<String, Load>();
        jdbc.sql("""
                        select queue, count(*) filter (where state in ('QUEUED', 'SUSPENDED')) as waiting,
                               count(*) filter (where state not in ('QUEUED', 'SUSPENDED')) as holding,
                               coalesce(sum(gpus) filter (where state not in ('QUEUED', 'SUSPENDED')), 0) as gpus,
                               count(*) filter (where idle_since is not null) as idle
                          from jobs where state in (""" + ACTIVE + ") group by queue").query(row -> {
            loads.put(
                    row.getString("queue"),
                    new Load(row.getLong("waiting"), row.getLong("holding"), row.getLong("gpus"), row.getLong("idle")));
        });
        return loads;
    }
}
