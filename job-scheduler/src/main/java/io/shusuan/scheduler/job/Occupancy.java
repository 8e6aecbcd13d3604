package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Which jobs have what of each node: the nodes as the cluster tells them, the jobs as they were placed. */
@Component
public class Occupancy {

    private final Cluster cluster;
    private final JdbcClient jdbc;

    Occupancy(Cluster cluster, JdbcClient jdbc) {
        this.cluster = cluster;
        this.jdbc = jdbc;
    }

    /**
     * A node, and who has what of it, the oldest job first.
     *
     * @param away why it takes no work; null, if it does. Jobs that were there before have it all the same.
     */
    public record Taken(Capacity.Node node, Capacity.Away.@Nullable Why away, List<Share> shares) {

        public Resources held() {
            return shares.stream().map(Share::resources).reduce(Resources.NONE, Resources::plus);
        }
    }

    /** What a job has of a node. */
    public record Share(JobId job, String name, String owner, String queue, int tasks, Resources resources) {}

    private record OnNode(String node, Share share) {}

    /** All nodes, those that take no work behind the others. */
    public List<Taken> nodes() throws ClusterUnavailableException {
        var capacity = cluster.capacity();
        Map<String, List<Share>> shares = shares().stream()
                .collect(Collectors.groupingBy(OnNode::node, Collectors.mapping(OnNode::share, Collectors.toList())));
        return Stream.concat(
                        capacity.nodes().stream().map(node -> taken(node, null, shares)),
                        capacity.away().stream().map(each -> taken(each.node(), each.why(), shares)))
                .toList();
    }

    private static Taken taken(Capacity.Node node, Capacity.Away.@Nullable Why away, Map<String, List<Share>> shares) {
        return new Taken(node, away, shares.getOrDefault(node.name(), List.of()));
    }

    private List<OnNode> shares() {
        return jdbc.sql("""
                        select j.id, j.name, j.owner, j.queue, p.node, sum(p.tasks) as tasks,
                               sum(p.tasks * r.milli_cpus::bigint) as milli_cpus,
                               sum(p.tasks * r.memory_mib) as memory_mib, sum(p.tasks * r.gpus::bigint) as gpus
                          from jobs j
                         cross join jsonb_to_recordset(j.placement) as p (role text, node text, tasks integer)
                          join task_roles r on r.job_id = j.id and r.name = p.role
                         where j.state in ('ADMITTED', 'STARTING', 'RUNNING', 'STOPPING')
                         group by j.id, p.node order by j.id""")
                .query((row, number) -> new OnNode(
                        row.getString("node"),
                        new Share(
                                new JobId(row.getObject("id", UUID.class)),
                                row.getString("name"),
                                row.getString("owner"),
                                row.getString("queue"),
                                row.getInt("tasks"),
                                new Resources(
                                        row.getLong("milli_cpus"), row.getLong("memory_mib"), row.getInt("gpus")))))
                .list();
    }
}
