package io.shusuan.web.cluster;

import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Resources;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** What the platform's jobs hold, summed from their rows: few, since only active ones are read. */
@Repository
class HeldResources {

    private static final String HOLDING =
            JobState.HOLDING.stream().map(state -> "'" + state.name() + "'").collect(Collectors.joining(", "));

    private final JdbcClient jdbc;

    HeldResources(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    Resources now() {
        return jdbc.sql("""
                        select coalesce(sum(milli_cpus), 0) as cpus, coalesce(sum(memory_mib), 0) as memory,
                               coalesce(sum(gpus), 0) as gpus
                          from jobs where state in (""" + HOLDING + ")")
                .query((row, number) -> new Resources(row.getLong("cpus"), row.getLong("memory"), row.getInt("gpus")))
                .single();
    }
}
