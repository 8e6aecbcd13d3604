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

    /** All nodes, those that take no work behind the others. */
    public record Nodes(List<Taken> taking, List<Capacity.Away> away) {}

    /** A node that takes work, and who has what of it, the oldest job first. */
    public record Taken(Capacity.Node node, List<Share> shares) {

        public Resources held() {
            return shares.stream().map(Share::resources).reduce(Resources.NONE, Resources::plus);
        }
    }

    /** What a job has of a node. */
    public record Share(JobId job, String name, String owner, String queue, int tasks, Resources resources) {}

    private record OnNode(String node, Share share) {}

    public Nodes nodes() throws ClusterUnavailableException {
        var capacity = cluster.capacity();
        Map<String, List<Share>> shares = shares().stream()
                .collect(Collectors.groupingBy(OnNode::node, Collectors.mapping(OnNode::share, Collectors.toList())));
        return new Nodes(
                capacity.nodes().stream()
                        .map(node -> new Taken(node, shares.getOrDefault(node.name(), List.of())))
                        .toList(),
                capacity.away());
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
