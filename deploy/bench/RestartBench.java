import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A platform with 100,000 active jobs: 10,000 of one GPU that run on 1,250 nodes of 8 and have their objects in the API server,
 * and 90,000 of 1 to 64 GPUs that wait, in 200 queues of 10 cohorts. Steps, each a run of this program: {@code fill} makes the nodes
 * and the jobs, and the pods that a controller would make; {@code restart} frees nodes while the platform is down, says so by a file
 * for whoever starts it then, and tells when jobs were admitted to them; {@code takeover} kills the leader and does the same.
 */
public final class RestartBench {

    private static final int RUNNING = 10_000;
    private static final int WAITING = 90_000;
    private static final int NODES = RUNNING / 8;
    private static final int SPARE = 20;

    private final Client client;
    private final Kube kube;

    private RestartBench(Client client) throws Exception {
        this.client = client;
        this.kube = new Kube(Path.of(client.option("kubeconfig")));
    }

    public static void main(String[] arguments) throws Exception {
        var bench = new RestartBench(new Client(arguments));
        switch (bench.client.option("step")) {
            case "fill" -> bench.fill();
            case "restart" -> bench.restart();
            case "takeover" -> bench.takeover();
            default -> throw new IllegalArgumentException("--step fill, restart or takeover");
        }
    }

    private void fill() throws Exception {
        for (var i = 0; i < NODES; i++) {
            kube.node("node-%04d".formatted(i), "128", "1Ti", 8, 110, false);
        }
        for (var i = 0; i < 2 * SPARE; i++) {
            kube.node(spare(i < SPARE ? "restart" : "takeover", i % SPARE), "128", "1Ti", 8, 110, true);
        }
        imitatePods();
        try (var database = new Database(client)) {
            database.execute("""
                    insert into cohorts (name) select 'cohort-' || i from generate_series(0, 9) i;
                    insert into queues (name, cohort) select 'queue-' || i, 'cohort-' || i %% 10 from generate_series(0, 199) i;
                    insert into quotas (queue, flavour, ordinal, nominal_gpus)
                    select 'queue-' || i, 'default', 0, 60 from generate_series(0, 199) i""".replace("%%", "%"));
            var begin = System.nanoTime();
            store(database, "run", RUNNING, "1");
            database.await("running", RUNNING, 900, "select count(*) from jobs where state = 'RUNNING'");
            System.err.printf(
                    "%d jobs admitted, handed to the API server and seen running in %d s%n",
                    RUNNING, (System.nanoTime() - begin) / 1_000_000_000L);
            store(database, "wait", WAITING, "power(2, i % 7)::int");
            database.await(
                    "told why they wait", 1000, 600, "select count(*) from jobs where state = 'QUEUED' and reason is not null");
            // The others would be told the same, in five minutes.
            database.execute("""
                    update jobs j set reason = told.reason, message = told.message
                      from (select distinct on (gpus) gpus, reason, message from jobs where state = 'QUEUED' and reason is not null) told
                     where j.state = 'QUEUED' and j.reason is null and j.gpus = told.gpus""");
            database.execute("vacuum analyze");
        }
    }

    /** As the platform stores them: text, roles, tasks, the first event. */
    private static void store(Database database, String name, int jobs, String gpus) throws Exception {
        database.execute("""
                create temp table new_jobs as
                select uuidv7(make_interval(secs => (i - %2$d) / 1000.0)) as id, i, %3$s as gpus from generate_series(0, %2$d - 1) i;
                begin;
                insert into jobs (id, name, owner, queue, kind, state, priority, spec, spec_media_type, artifact_sources,
                                  milli_cpus, memory_mib, gpus, created_at, version)
                select id, '%1$s-' || i, 'user-' || i %% 20, 'queue-' || i %% 200, 'TRAINING', 'QUEUED', 0,
                       convert_to(format(E'jobName: %1$s-%%s\\nqueue: queue-%%s\\ntaskRoles:\\n- name: worker\\n  taskNumber: %%s\\n'
                           '  cpuNumber: %%s\\n  memoryMB: %%s\\n  gpuNumber: %%s\\n  command: python train.py\\n  dockerImage: registry.example/train:v1\\n',
                           i, i %% 200, greatest(1, gpus / 8), 12 * least(8, gpus), 98304 * least(8, gpus), least(8, gpus)), 'UTF8'),
                       'application/yaml', '{}', 12000 * gpus, 98304 * gpus, gpus, now() - make_interval(secs => (%2$d - i) / 1000.0), 0
                  from new_jobs;
                insert into task_roles (job_id, ordinal, name, task_number, milli_cpus, memory_mib, gpus)
                select id, 0, 'worker', greatest(1, gpus / 8), 12000 * least(8, gpus), 98304 * least(8, gpus), least(8, gpus) from new_jobs;
                insert into tasks (job_id, role, task_index, state)
                select id, 'worker', task, 'WAITING' from new_jobs, generate_series(0, greatest(1, gpus / 8) - 1) task;
                insert into job_events (job_id, at, type, reason, message)
                select id, now(), 'NORMAL', 'Submitted', 'submitted to queue-' || i %% 200 from new_jobs;
                commit;
                drop table new_jobs""".formatted(name, jobs, gpus));
    }

    /** What the controller manager and a kubelet would do: a pod for each Job, running where the Job says. */
    private void imitatePods() {
        var made = ConcurrentHashMap.<String>newKeySet();
        kube.watch(Kube.JOBS, event -> {
            var job = event.get("object");
            if (event.get("type").asString().equals("ADDED") && made.add(job.at("/metadata/uid").asString())) {
                Thread.ofVirtual().start(() -> pod(job));
            }
        });
    }

    private void pod(JsonNode job) {
        var template = (ObjectNode) job.at("/spec/template").deepCopy();
        var namespace = job.at("/metadata/namespace").asString();
        var name = job.at("/metadata/name").asString() + "-0-aaaaa";
        template.put("apiVersion", "v1").put("kind", "Pod");
        ((ObjectNode) template.get("metadata")).put("name", name).put("namespace", namespace);
        ((ObjectNode) template.at("/metadata/annotations")).put("batch.kubernetes.io/job-completion-index", "0");
        ((ObjectNode) template.get("spec")).set("nodeName", template.at(
                "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/matchFields/0/values/0"));
        try {
            var pods = "/api/v1/namespaces/" + namespace + "/pods";
            kube.send("POST", pods, Kube.JSON, template.toString());
            kube.send("PATCH", pods + "/" + name + "/status", Kube.MERGE, """
                    {"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}],
                     "containerStatuses":[{"name":"task","ready":true,"started":true,"restartCount":0,"image":"registry.example/train:v1",
                       "imageID":"","containerID":"containerd://%s","state":{"running":{"startedAt":"2026-11-26T00:00:00Z"}}}]}}"""
                    .formatted(job.at("/metadata/uid").asString()));
        } catch (Exception unexpected) {
            System.err.println("pod " + name + ": " + unexpected);
        }
    }

    private static String spare(String what, int i) {
        return "spare-%s-%02d".formatted(what, i);
    }

    private void open(String what) throws Exception {
        for (var i = 0; i < SPARE; i++) {
            kube.open(spare(what, i));
        }
    }

    private void restart() throws Exception {
        open("restart");
        var begin = System.currentTimeMillis();
        Files.createFile(Path.of(client.option("opened")));
        admitted("restart_s", begin);
    }

    private void takeover() throws Exception {
        ProcessHandle.of(Long.parseLong(client.option("leader"))).orElseThrow().destroyForcibly();
        var begin = System.currentTimeMillis();
        open("takeover");
        admitted("takeover_s", begin);
    }

    /** How long after a moment (in ms) the first job was admitted, how long until the opened nodes were full. */
    private void admitted(String key, long since) throws Exception {
        var after = "from jobs where admitted_at > to_timestamp(%d / 1000.0)".formatted(since);
        try (var database = Database.whenThere(client)) {
            database.await("GPUs filled", SPARE * 8, 120, "select sum(gpus) " + after);
            var first = database.number(
                    "select extract(epoch from min(admitted_at)) * 1000 " + after) - since;
            var full = database.number(
                    "select extract(epoch from max(admitted_at)) * 1000 " + after) - since;
            System.out.printf("%-60s %8.1f s%n", key + ": the first job admitted after", first / 1000.0);
            System.out.printf("%-60s %8.1f s%n", key + ": 160 GPUs that had become free are given away after", full / 1000.0);
            Files.writeString(
                    Path.of(client.option("figures")), "\"%s\":%.1f%n".formatted(key, first / 1000.0),
                    StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
    }
}
