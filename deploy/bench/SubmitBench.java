import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Submits jobs to a held queue: as fast as 16 clients can for 30 s, then 100 each second. Every answer must be a 201. */
public final class SubmitBench {

    private static final int CLIENTS = 16;
    /** Until the compilers have caught up: in its first seconds a fresh JVM does a quarter of what it does later. */
    private static final int WARM_UP_SECONDS = 45;
    private static final int SECONDS = 30;
    private static final int RATE = 100;

    private final Client client;
    private final AtomicInteger names = new AtomicInteger();

    private SubmitBench(Client client) {
        this.client = client;
    }

    public static void main(String[] arguments) throws Exception {
        var bench = new SubmitBench(new Client(arguments));
        bench.client.put("/api/v1/queues/bench");
        bench.client.post("/api/v1/queues/bench/hold", "application/json", "");
        bench.flatOut(WARM_UP_SECONDS);
        var sustained = bench.flatOut(SECONDS);
        var paced = bench.paced(20);
        var perSecond = Math.round(10.0 * sustained.size() / SECONDS) / 10.0;
        System.out.printf("%-44s %10s%n", "", "value");
        System.out.printf("%-44s %10.1f%n", "accepted per second, 16 clients, 30 s", perSecond);
        System.out.printf("%-44s %10.1f%n", "  p50 ms", Client.millis(sustained, 0.5));
        System.out.printf("%-44s %10.1f%n", "  p99 ms", Client.millis(sustained, 0.99));
        System.out.printf("%-44s %10.1f%n", "at 100 per second, p50 ms", Client.millis(paced, 0.5));
        System.out.printf("%-44s %10.1f%n", "  p99 ms", Client.millis(paced, 0.99));
        System.out.printf(
                "{\"bench\":\"submit\",\"accepted_per_second\":%s,\"p99_ms_at_100\":%s}%n",
                perSecond, Client.millis(paced, 0.99));
    }

    private List<Long> flatOut(int seconds) throws Exception {
        var times = Collections.synchronizedList(new ArrayList<Long>());
        var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var i = 0; i < CLIENTS; i++) {
                var unused = clients.submit(() -> {
                    while (System.nanoTime() < end) {
                        times.add(submit(System.nanoTime()));
                    }
                    return null;
                });
            }
        }
        return times;
    }

    /** Each request has its moment, whatever became of those before it; a late answer counts from that moment. */
    private List<Long> paced(int seconds) throws Exception {
        var times = Collections.synchronizedList(new ArrayList<Long>());
        var begin = System.nanoTime();
        try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var i = 0; i < seconds * RATE; i++) {
                var due = begin + i * TimeUnit.SECONDS.toNanos(1) / RATE;
                LockSupport.parkNanos(due - System.nanoTime());
                var unused = clients.submit(() -> times.add(submit(due)));
            }
        }
        return times;
    }

    private long submit(long due) throws Exception {
        client.post("/api/v1/jobs", "application/yaml", """
                jobName: bench-%d
                queue: bench
                taskRoles:
                - name: worker
                  taskNumber: 1
                  cpuNumber: 4
                  memoryMB: 8192
                  gpuNumber: 1
                  command: python train.py --epochs 10
                  dockerImage: registry.example/train:v1
                """.formatted(names.incrementAndGet()));
        return System.nanoTime() - due;
    }
}
