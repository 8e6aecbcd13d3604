package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Resources;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.fifo.Snapshot.Share;
import io.shusuan.scheduler.queue.fifo.Snapshot.Waiting;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The head of the line, read with few columns since it is read each cycle. Jobs of held queues are not in it, however
 * many they are: what they wait for was said when they came or when the queue was held.
 */
@Component
class WaitingJobs {

    /** How many waiting jobs one cycle looks at. */
    static final int HEAD = 500;

    private final JdbcClient jdbc;

    WaitingJobs(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** What admitted jobs have: derived from their state each time, never counted up and down. */
    record Held(Resources resources, int tasks) {}

    /** The first jobs of the line, without those that are known to fit nowhere: they hold back nobody. */
    List<Waiting> head(Collection<JobId> hopeless) {
        var found = new LinkedHashMap<JobId, Waiting>();
        jdbc.sql("""
                        with head as (
                            select line.* from queues q
                             cross join lateral (
                                   select j.id, j.queue, j.priority from jobs j
                                    where j.queue = q.name and j.state = 'QUEUED' and j.id <> all (:hopeless)
                                    order by j.priority desc, j.id limit :head) line
                             where not q.held
                             order by line.priority desc, line.id limit :head)
                        select h.id, h.queue, r.name, r.task_number, r.milli_cpus, r.memory_mib, r.gpus
                          from head h join task_roles r on r.job_id = h.id
                         order by h.priority desc, h.id, r.ordinal""")
                .param("head", HEAD)
                .param("hopeless", hopeless.stream().map(JobId::value).toArray(UUID[]::new))
                .query(row -> {
                    var job = new JobId(row.getObject("id", UUID.class));
                    var share = new Share(
                            row.getString("name"),
                            new Resources(row.getLong("milli_cpus"), row.getLong("memory_mib"), row.getInt("gpus")),
                            row.getInt("task_number"));
                    var queue = new QueueName(row.getString("queue"));
                    found.merge(job, new Waiting(job, queue, List.of(share)), WaitingJobs::joined);
                });
        return List.copyOf(found.values());
    }

    private static Waiting joined(Waiting one, Waiting other) {
        var shares = new ArrayList<>(one.shares());
        shares.addAll(other.shares());
        return new Waiting(one.job(), one.queue(), shares);
    }

    Held held() {
        return jdbc.sql("""
                        select coalesce(sum(r.milli_cpus::bigint * r.task_number), 0) as cpus,
                               coalesce(sum(r.memory_mib * r.task_number), 0) as memory,
                               coalesce(sum(r.gpus * r.task_number), 0) as gpus,
                               coalesce(sum(r.task_number), 0) as tasks
                          from jobs j join task_roles r on r.job_id = j.id
                         where j.state in ('ADMITTED', 'STARTING', 'RUNNING', 'STOPPING')""")
                .query((row, number) -> new Held(
                        new Resources(row.getLong("cpus"), row.getLong("memory"), row.getInt("gpus")),
                        row.getInt("tasks")))
                .single();
    }
}
