import java.util.ArrayList;
import java.util.regex.Pattern;

/** Submits small jobs one after another and asks until the platform has seen the pod of each: no earlier than it was created. */
public final class PodsBench {

    private static final int JOBS = 40;
    private static final Pattern ID = Pattern.compile("\"id\":\"([^\"]+)\"");

    public static void main(String[] arguments) throws Exception {
        var client = new Client(arguments);
        var times = new ArrayList<Long>();
        for (var i = -5; i < JOBS; i++) {
            var begin = System.nanoTime();
            var id = ID.matcher(client.post("/api/v1/jobs", "application/yaml", """
                    jobName: pods-%d
                    taskRoles:
                    - name: worker
                      taskNumber: 1
                      cpuNumber: 0.01
                      memoryMB: 16
                      command: "true"
                      dockerImage: bench.example/none:v1
                    """.formatted(i + 5)));
            id.find();
            var job = "/api/v1/jobs/" + id.group(1);
            while (!client.get(job + "/tasks").contains("\"attempts\":[{")) {
                Thread.sleep(10);
            }
            if (i >= 0) {
                times.add(System.nanoTime() - begin);
            }
            client.post(job + "/stop", "application/json", "");
            while (!client.get(job).contains("\"STOPPED\"")) {
                Thread.sleep(10);
            }
            client.delete(job);
        }
        System.out.printf("%-44s %8.1f ms%n", "submitted to pod seen, p50", Client.millis(times, 0.5));
        System.out.printf("%-44s %8.1f ms%n", "submitted to pod seen, p99", Client.millis(times, 0.99));
        System.out.printf(
                "{\"bench\":\"pods\",\"pod_seen_p50_ms\":%s,\"pod_seen_p99_ms\":%s}%n",
                Client.millis(times, 0.5), Client.millis(times, 0.99));
    }
}
