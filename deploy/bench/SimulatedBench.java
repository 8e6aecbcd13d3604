import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * From a submission over REST until kube-scheduler has bound the pods, on 500 simulated nodes of 8 GPUs: a gang of 512 pods, then 4,000
 * jobs of one GPU, which fill the cluster, then one GPU that a queue reclaims from another. Pods run until they are deleted.
 */
public final class SimulatedBench {

    private static final int NODES = 500;
    private static final int GPUS = 8;
    private static final int JOBS = NODES * GPUS;
    private static final int GANG = 512;
    private static final int CLIENTS = 16;
    private static final int PATIENCE_SECONDS = 600;
    private static final Pattern ID = Pattern.compile("\"id\":\"([^\"]+)\"");

    private final Client client;
    private final Kube kube;

    /** The pods seen bound, by what the names of their jobs begin with. */
    private final Map<String, Set<String>> bound = new ConcurrentHashMap<>();

    private SimulatedBench(Client client) throws Exception {
        this.client = client;
        this.kube = new Kube(Path.of(client.option("kubeconfig")));
    }

    public static void main(String[] arguments) throws Exception {
        new SimulatedBench(new Client(arguments)).run();
        System.exit(0);
    }

    private void run() throws Exception {
        for (var i = 0; i < NODES; i++) {
            kube.node("node-%03d".formatted(i), "64", "512Gi", GPUS, 110, false);
        }
        client.put("/api/v1/cohorts/teams", "{}");
        queue("borrower", 0, JOBS);
        queue("lender", JOBS, 0);
        kube.watch(Kube.PODS, this::seen);
        try (var database = new Database(client)) {
            var gang = gang(database);
            var processes = new Processes();
            var perSecond = JOBS / single();
            processes.print();
            report(perSecond, gang, reclaim(database));
        }
    }

    private void queue(String name, int nominal, int borrowing) throws Exception {
        client.put("/api/v1/queues/" + name, """
                {"cohort": "teams", "reclaim": "ANY", "graceSeconds": 0, "minimumRunSeconds": 0,
                 "quotas": [{"flavour": "default", "nominal": {"gpus": %d}, "borrowing": {"gpus": %d}}]}""".formatted(nominal, borrowing));
    }

    private double gang(Database database) throws Exception {
        var begin = System.nanoTime();
        var answer = submit("gang", "borrower", GANG);
        await("gang", GANG);
        var taken = seconds(begin);
        var id = ID.matcher(answer);
        id.find();
        client.post("/api/v1/jobs/" + id.group(1) + "/stop", Kube.JSON, "");
        database.await("the gang's end", 1, PATIENCE_SECONDS, "select count(*) from jobs where state = 'STOPPED'");
        return taken;
    }

    private double single() throws Exception {
        var begin = System.nanoTime();
        var next = new AtomicInteger();
        try (var clients = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            for (var i = 0; i < CLIENTS; i++) {
                var unused = clients.submit(() -> {
                    for (var job = next.getAndIncrement(); job < JOBS; job = next.getAndIncrement()) {
                        submit("single-" + job, "borrower", 1);
                    }
                    return null;
                });
            }
        }
        System.out.printf("%-52s %8.1f s%n", "4,000 jobs accepted after", seconds(begin));
        await("single", JOBS);
        return seconds(begin);
    }

    private double reclaim(Database database) throws Exception {
        database.await("all of them running", JOBS, PATIENCE_SECONDS, "select count(*) from jobs where state = 'RUNNING'");
        var begin = System.nanoTime();
        submit("reclaim", "lender", 1);
        await("reclaim", 1);
        var taken = seconds(begin);
        printEvents(database);
        return taken;
    }

    /** What the job that reclaims and the one that gave way went through, to name the step that took the time. */
    private static void printEvents(Database database) throws SQLException {
        try (var statement = database.connection.createStatement();
                var rows = statement.executeQuery("""
                        select job.name, event.reason, extract(epoch from event.at - reclaiming.created_at) as after
                          from jobs reclaiming, job_events event join jobs job on job.id = event.job_id
                         where reclaiming.name = 'reclaim' and event.at >= reclaiming.created_at
                         order by event.at, event.id""")) {
            while (rows.next()) {
                System.out.printf("  %6.2f s %s: %s%n", rows.getDouble("after"), rows.getString("name"), rows.getString("reason"));
            }
        }
    }

    private String submit(String name, String queue, int tasks) throws Exception {
        return client.post("/api/v1/jobs", "application/yaml", """
                jobName: %s
                queue: %s
                taskRoles:
                - name: main
                  taskNumber: %d
                  cpuNumber: 1
                  memoryMB: 64
                  gpuNumber: 1
                  command: sleep infinity
                  dockerImage: registry.example/sleep:v1
                """.formatted(name, queue, tasks));
    }

    private void seen(JsonNode event) {
        var pod = event.get("object");
        var job = pod.at("/metadata/labels/shusuan.io~1job-name").asString("");
        if (!pod.at("/spec/nodeName").isMissingNode()) {
            bound.computeIfAbsent(job.split("-")[0], fresh -> ConcurrentHashMap.newKeySet())
                    .add(pod.at("/metadata/name").asString());
        }
    }

    private void await(String jobs, int pods) throws InterruptedException {
        var seen = bound.computeIfAbsent(jobs, fresh -> ConcurrentHashMap.newKeySet());
        var end = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
        while (seen.size() < pods) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("%d of %d pods were bound after %d s".formatted(seen.size(), pods, PATIENCE_SECONDS));
            }
            Thread.sleep(10);
        }
    }

    private static double seconds(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }

    private void report(double perSecond, double gang, double reclaim) throws Exception {
        System.out.printf("%-52s %8.1f per s%n", "4,000 jobs of one GPU bound", perSecond);
        System.out.printf("%-52s %8.1f s%n", "a gang of 512 pods bound after", gang);
        System.out.printf("%-52s %8.2f s%n", "one GPU reclaimed and bound after", reclaim);
        Files.writeString(
                Path.of(client.option("figures")),
                String.format(Locale.ROOT, """
                        "kwok_jobs_per_second":%.1f
                        "gang_512_s":%.1f
                        "reclaim_s":%.2f
                        """, perSecond, gang, reclaim),
                StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
