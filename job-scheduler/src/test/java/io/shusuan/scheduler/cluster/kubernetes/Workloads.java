package io.shusuan.scheduler.cluster.kubernetes;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobKind;
import io.shusuan.db.job.JobName;
import io.shusuan.db.job.Placed;
import io.shusuan.db.job.Resources;
import io.shusuan.db.queue.Delegate;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.Ingress;
import io.shusuan.scheduler.spec.JobSpec;
import io.shusuan.scheduler.spec.Mount;
import io.shusuan.scheduler.spec.NodeChoice;
import io.shusuan.scheduler.spec.Readiness;
import io.shusuan.scheduler.spec.ServiceType;
import io.shusuan.scheduler.spec.TaskPort;
import io.shusuan.scheduler.spec.TaskRole;
import io.shusuan.scheduler.spec.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes workloads that read like their YAML. */
final class Workloads {

    static final String IMAGE = "registry.example/tasks:1";

    private JobId id = JobId.next();
    private final JobKind kind;
    private final String name;
    private QueueName queue = QueueName.DEFAULT;
    private @Nullable Ingress ingress;
    private ServiceType serviceType = ServiceType.CLUSTER_IP;
    private final List<Mount> mounts = new ArrayList<>();
    private final Map<String, JobId> sources = new HashMap<>();
    private final Map<String, String> env = new HashMap<>();
    private final Map<String, String> platformEnv = new HashMap<>();
    private NodeChoice nodes = NodeChoice.ANY;
    private @Nullable Readiness readiness;
    private @Nullable Topology topology;
    private final List<TaskRole> roles = new ArrayList<>();
    private final List<Placed> placement = new ArrayList<>();
    private String owner = "ada@example.org";
    private int run = 1;
    private @Nullable Delegate delegate;
    private Duration grace = Cluster.DEFAULT_GRACE;

    private Workloads(JobKind kind, String name) {
        this.kind = kind;
        this.name = name;
    }

    static Workloads training(String name) {
        return new Workloads(JobKind.TRAINING, name);
    }

    static Workloads inference(String name) {
        return new Workloads(JobKind.INFERENCE, name);
    }

    Workloads of(JobId job) {
        id = job;
        return this;
    }

    Workloads queue(String name) {
        queue = new QueueName(name);
        return this;
    }

    Workloads owner(String name) {
        owner = name;
        return this;
    }

    Workloads run(int number) {
        run = number;
        return this;
    }

    Workloads grace(Duration longest) {
        grace = longest;
        return this;
    }

    Workloads handedTo(Delegate.Scheduler scheduler, String itsQueue) {
        delegate = new Delegate(scheduler, itsQueue);
        return this;
    }

    Workloads env(String variable, String value) {
        env.put(variable, value);
        return this;
    }

    Workloads platformEnv(String variable, String value) {
        platformEnv.put(variable, value);
        return this;
    }

    Workloads mount(Mount mount) {
        mounts.add(mount);
        return this;
    }

    Workloads artifactsOf(JobId source, String mount, String path) {
        mounts.add(new Mount.Artifacts(mount, path, new JobName("source")));
        sources.put(mount, source);
        return this;
    }

    Workloads ingress(String host, String path) {
        ingress = new Ingress(host, path, "nginx", Map.of("nginx.ingress.kubernetes.io/proxy-body-size", "16m"));
        return this;
    }

    Workloads service(ServiceType type) {
        serviceType = type;
        return this;
    }

    Workloads topology(@Nullable String level, Topology.Packing packing) {
        topology = new Topology(level, false, packing);
        return this;
    }

    /** For the roles that follow. */
    Workloads choosing(NodeChoice choice) {
        nodes = choice;
        return this;
    }

    /** The roles that follow tell by it that they are ready. */
    Workloads readyBy(String path, TaskPort port) {
        readiness = new Readiness(path, port);
        return this;
    }

    /** Tasks that ask for more than any node has: no kubelet gets hold of them, and a test can play one. */
    Workloads role(String role, int tasks, TaskPort... ports) {
        return role(role, tasks, new Resources(900_000, 64, 0), "echo hello", IMAGE, ports);
    }

    Workloads role(String role, int tasks, Resources each, String command, @Nullable String image, TaskPort... ports) {
        roles.add(new TaskRole(role, tasks, tasks, each, nodes, command, image, List.of(ports), readiness, Map.of()));
        return this;
    }

    Workloads on(String node, String role, int tasks) {
        placement.add(new Placed(role, "default", node, tasks));
        return this;
    }

    Workload make() {
        var spec = new JobSpec(
                new JobName(name),
                kind,
                null,
                queue,
                0,
                null,
                null,
                topology,
                false,
                env,
                List.of(),
                mounts,
                ingress,
                serviceType,
                roles);
        return new Workload(id, run, grace, spec, owner, sources, platformEnv, placement, delegate);
    }
}
