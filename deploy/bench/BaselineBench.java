import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/**
 * Kueue's own baseline: 30 queues in 5 cohorts, each with 20 CPUs of its own and up to 100 more of its cohort's, and 15,000 jobs of
 * three sizes. They are submitted over REST, each at its moment or as soon as it is accepted, and waits count from that moment;
 * each becomes one Job in the API server, which is marked as complete when it has been there for its run time.
 */
public final class BaselineBench {

    private static final int COHORTS = 5;
    private static final int QUEUES = 6;
    private static final int CLIENTS = 16;

    private record Size(String name, int jobs, int everyMillis, int cpus, int runMillis, int priority) {}

    private static final List<Size> SIZES = List.of(
            new Size("small", 350, 100, 1, 200, 50),
            new Size("medium", 100, 500, 5, 500, 100),
            new Size("large", 50, 1200, 20, 1000, 200));

    private record Due(long millis, String name, String queue, Size size) {}

    private final Client client;
    private final int share;
    private final Kube kube;
    private final ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(1);
    private final Map<String, Due> jobs = new ConcurrentHashMap<>();
    private final Map<String, Long> begun = new ConcurrentHashMap<>();
    private final Map<String, Future<?>> running = new ConcurrentHashMap<>();
    private final AtomicInteger suspended = new AtomicInteger();
    private long begin;
    private volatile int peakMegabytes;

    private BaselineBench(Client client) throws Exception {
        this.client = client;
        this.share = Integer.parseInt(client.option("share"));
        this.kube = new Kube(Path.of(client.option("kubeconfig")));
    }

    public static void main(String[] arguments) throws Exception {
        new BaselineBench(new Client(arguments)).run();
        System.exit(0);
    }

    private void run() throws Exception {
        kube.node("big", "100000", "100Ti", 0, 50_000, false);
        for (var cohort = 0; cohort < COHORTS; cohort++) {
            client.put("/api/v1/cohorts/cohort-" + cohort, "{}");
            for (var queue = 0; queue < QUEUES; queue++) {
                client.put("/api/v1/queues/" + queueName(cohort, queue), """
                        {"cohort": "cohort-%d", "preemptsLowerPriority": true, "reclaim": "ANY", "graceSeconds": 0,
                         "quotas": [{"flavour": "default", "nominal": {"cpus": 20}, "borrowing": {"cpus": 100}}]}""".formatted(cohort));
            }
        }
        kube.watch(Kube.JOBS, this::changed);
        var dues = dues();
        dues.forEach(due -> jobs.put(due.name(), due));
        var platform = Long.parseLong(client.option("platform"));
        var processes = new Processes();
        watchMemory(platform);
        try (var database = new Database(client)) {
            var statements = new Statements(client, database);
            begin = System.currentTimeMillis();
            submit(dues);
            var accepted = (System.currentTimeMillis() - begin) / 1000.0;
            database.await("succeeded", dues.size(), 900, "select count(*) from jobs where state = 'SUCCEEDED'");
            var makespan = (database.number("select extract(epoch from max(finished_at)) * 1000 from jobs") - begin) / 1000.0;
            var seen = (System.currentTimeMillis() - begin) / 1000.0;
            report(Math.max(makespan, seen), accepted, database.number("select count(*) from evictions"));
            processes.print();
            statements.print(dues.size());
        }
    }

    private static String queueName(int cohort, int queue) {
        return "queue-%d-%d".formatted(cohort, queue);
    }

    private List<Due> dues() {
        var dues = new ArrayList<Due>();
        for (var size : SIZES) {
            for (var i = 0; i < size.jobs() / share; i++) {
                for (var queue = 0; queue < COHORTS * QUEUES; queue++) {
                    dues.add(new Due(
                            (long) i * size.everyMillis(),
                            "%s-%d-%d".formatted(size.name(), queue, i),
                            queueName(queue / QUEUES, queue % QUEUES),
                            size));
                }
            }
        }
        dues.sort(Comparator.comparingLong(Due::millis));
        return dues;
    }

    private void submit(List<Due> dues) throws InterruptedException {
        var next = new AtomicInteger();
        try (var clients = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            for (var i = 0; i < CLIENTS; i++) {
                var unused = clients.submit(() -> {
                    for (var at = next.getAndIncrement(); at < dues.size(); at = next.getAndIncrement()) {
                        var due = dues.get(at);
                        LockSupport.parkNanos((begin + due.millis() - System.currentTimeMillis()) * 1_000_000);
                        submit(due);
                    }
                    return null;
                });
            }
        }
    }

    private void submit(Due due) throws Exception {
        try {
            client.post("/api/v1/jobs", "application/yaml", """
                    jobName: %s
                    queue: %s
                    priority: %d
                    taskRoles:
                    - name: main
                      taskNumber: 1
                      cpuNumber: %d
                      memoryMB: 64
                      command: sleep 1
                      dockerImage: registry.example/sleep:v1
                    """.formatted(due.name(), due.queue(), due.size().priority(), due.size().cpus()));
        } catch (Exception refused) {
            System.err.println(due.name() + ": " + refused);
            throw refused;
        }
    }

    private void changed(JsonNode event) {
        var job = event.get("object");
        var due = jobs.get(job.at("/metadata/labels/shusuan.io~1job-name").asString(""));
        if (due == null || !job.at("/status/conditions").isMissingNode()) {
            return;
        }
        var name = job.at("/metadata/name").asString();
        if (job.at("/spec/suspend").asBoolean()) {
            var stopped = running.remove(name);
            if (stopped != null && stopped.cancel(false)) {
                suspended.incrementAndGet();
            }
            return;
        }
        begun.putIfAbsent(due.name(), System.currentTimeMillis());
        var namespace = job.at("/metadata/namespace").asString();
        var started = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        running.computeIfAbsent(
                name,
                fresh -> clock.schedule(
                        () -> Thread.ofVirtual().start(() -> complete(namespace, name, started)),
                        due.size().runMillis(), TimeUnit.MILLISECONDS));
    }

    private void complete(String namespace, String name, Instant started) {
        var now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        try {
            kube.send("PATCH", "/apis/batch/v1/namespaces/%s/jobs/%s/status".formatted(namespace, name), Kube.MERGE, """
                    {"status":{"startTime":"%1$s","completionTime":"%2$s","succeeded":1,"completedIndexes":"0","conditions":[
                      {"type":"SuccessCriteriaMet","status":"True","lastTransitionTime":"%2$s","lastProbeTime":"%2$s"},
                      {"type":"Complete","status":"True","lastTransitionTime":"%2$s","lastProbeTime":"%2$s"}]}}"""
                    .formatted(started, now));
        } catch (Exception unexpected) {
            System.err.println(name + ": " + unexpected);
        }
    }

    private void watchMemory(long platform) {
        Thread.ofPlatform().daemon().start(() -> {
            try {
                while (true) {
                    Files.readAllLines(Path.of("/proc/" + platform + "/status")).stream()
                            .filter(line -> line.startsWith("VmRSS:"))
                            .mapToInt(line -> Integer.parseInt(line.replaceAll("\\D", "")) >> 10)
                            .forEach(now -> peakMegabytes = Math.max(peakMegabytes, now));
                    Thread.sleep(500);
                }
            } catch (Exception gone) {
                System.err.println("the platform's memory cannot be read: " + gone);
            }
        });
    }

    private void report(double makespan, double accepted, long evictions) throws Exception {
        var waits = new TreeMap<String, Double>();
        for (var size : SIZES) {
            waits.put(size.name(), jobs.values().stream()
                    .filter(due -> due.size() == size)
                    .mapToLong(due -> begun.get(due.name()) - begin - due.millis())
                    .average()
                    .orElseThrow() / 1000);
        }
        System.out.printf("%-52s %8.1f s%n", "makespan of %,d jobs".formatted(jobs.size()), makespan);
        System.out.printf("%-52s %8.1f s%n", "  of that until the last one was accepted", accepted);
        for (var size : SIZES) {
            System.out.printf("%-52s %8.1f s%n", "mean wait, " + size.name(), waits.get(size.name()));
        }
        System.out.printf("%-52s %8d, %d of them amid their run%n", "evictions", evictions, suspended.get());
        System.out.printf("%-52s %8d MB%n", "memory of the platform, at most", peakMegabytes);
        if (share > 1) {
            return; // no figure to compare with others
        }
        Files.writeString(
                Path.of(client.option("figures")),
                String.format(Locale.ROOT, """
                        "baseline_makespan_s":%.1f
                        "baseline_mean_wait_s":{"small":%.1f,"medium":%.1f,"large":%.1f}
                        "baseline_rss_mb":%d
                        """, makespan, waits.get("small"), waits.get("medium"), waits.get("large"), peakMegabytes),
                StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
