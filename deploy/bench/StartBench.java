import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.regex.Pattern;

/** Submits small jobs one after another and reads from their events how long it took until the process had started. */
public final class StartBench {

    private static final int JOBS = 30;
    private static final Pattern STARTED = Pattern.compile("\"startedAt\":\"([^\"]+)\"");
    private static final Pattern CREATED = Pattern.compile("\"createdAt\":\"([^\"]+)\"");
    private static final Pattern ID = Pattern.compile("\"id\":\"([^\"]+)\"");

    public static void main(String[] arguments) throws Exception {
        var client = new Client(arguments);
        var times = new ArrayList<Long>();
        for (var i = -5; i < JOBS; i++) {
            var answer = client.post("/api/v1/jobs", "application/yaml", """
                    jobName: start-%d
                    taskRoles:
                    - name: worker
                      taskNumber: 1
                      cpuNumber: 0.1
                      memoryMB: 16
                      command: "true"
                    """.formatted(i + 5));
            var id = find(ID, answer);
            var tasks = "";
            while (!STARTED.matcher(tasks).find() || !client.get("/api/v1/jobs/" + id).contains("\"SUCCEEDED\"")) {
                Thread.sleep(20);
                tasks = client.get("/api/v1/jobs/" + id + "/tasks");
            }
            if (i >= 0) {
                times.add(Duration.between(Instant.parse(find(CREATED, answer)), Instant.parse(find(STARTED, tasks)))
                        .toNanos());
            }
        }
        System.out.printf("%-44s %8.1f ms%n", "submitted to process started, p50", Client.millis(times, 0.5));
        System.out.printf("%-44s %8.1f ms%n", "submitted to process started, p99", Client.millis(times, 0.99));
        System.out.printf(
                "{\"bench\":\"start\",\"up_cold_ms\":%s,\"up_warm_ms\":%s,\"process_started_p50_ms\":%s,\"process_started_p99_ms\":%s}%n",
                client.option("up-cold-ms"), client.option("up-warm-ms"), Client.millis(times, 0.5), Client.millis(times, 0.99));
    }

    private static String find(Pattern pattern, String text) {
        var match = pattern.matcher(text);
        if (!match.find()) {
            throw new IllegalStateException("no " + pattern + " in " + text);
        }
        return match.group(1);
    }
}
