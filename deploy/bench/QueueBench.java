import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Resources;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.Decision;
import io.shusuan.scheduler.queue.Ending;
import io.shusuan.scheduler.queue.FairPolicy;
import io.shusuan.scheduler.queue.Moment;
import io.shusuan.scheduler.queue.Promise;
import io.shusuan.scheduler.queue.Rules;
import io.shusuan.scheduler.queue.Running;
import io.shusuan.scheduler.queue.Snapshot;
import io.shusuan.scheduler.queue.Waiting;
import io.shusuan.scheduler.queue.placement.Ask;
import io.shusuan.scheduler.queue.placement.Node;
import io.shusuan.scheduler.queue.placement.NodeSelector;
import io.shusuan.scheduler.queue.placement.Proximity;
import io.shusuan.scheduler.queue.placement.Role;
import io.shusuan.scheduler.queue.placement.Site;
import io.shusuan.scheduler.queue.quota.Cohort;
import io.shusuan.scheduler.queue.quota.CohortName;
import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.Preemption;
import io.shusuan.scheduler.queue.quota.Quota;
import io.shusuan.scheduler.queue.quota.QueueRules;
import io.shusuan.db.queue.QueueState;
import io.shusuan.scheduler.queue.quota.Reclaim;
import io.shusuan.scheduler.replay.Recorder;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/**
 * How long one scheduling cycle takes: 5,000 nodes of 8 GPUs in racks of 32, full of running jobs; waiting jobs of 1 to 512 GPUs
 * in 200 queues of 10 cohorts; before each cycle 500 GPUs are freed and 100 jobs arrive. Topology, borrowing, reclaim and
 * preemption are on. In process, no I/O. Both figures are of the same seed, so that they can be taken again.
 */
class QueueBench {

    static final int NODES = 5000;
    static final int RACK = 32;
    static final int QUEUES = 200;
    static final int FREED = 500;
    static final int ARRIVALS = 100;
    static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    static final FlavourName H100 = new FlavourName("h100");
    static final FlavourName A100 = new FlavourName("a100");

    public static void main(String[] arguments) throws Exception {
        var cycles = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 300;
        System.out.printf(
                "%-10s %8s %8s %8s %8s %12s %10s %10s %10s%n",
                "waiting", "p50 ms", "p90 ms", "p99 ms", "max ms", "CPU p99 ms", "admitted", "evicted", "GPUs used");
        // A first, short round lets the JVM compile what the figures are of.
        new World(10_000).run(100);
        var small = new World(10_000).run(cycles);
        small.print(10_000);
        var large = new World(100_000).run(Math.max(20, cycles / 3));
        large.print(100_000);
        small.printKeeping(10_000);
        large.printKeeping(100_000);
        System.out.printf("memory: %d MB at most%n", peakMegabytes());
        Files.writeString(
                Path.of(arguments[1]),
                "\"cycle_p99_ms_10k\":%.1f,\"cycle_p99_ms_100k\":%.1f,\"cycle_memory_mb\":%d%n"
                        .formatted(percentile(small.millis, 99), percentile(large.millis, 99), peakMegabytes()),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    /** The most memory this process has had, all of it: heap, code and the rest. */
    static long peakMegabytes() throws Exception {
        var status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return Runtime.getRuntime().totalMemory() >> 20;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
                .findFirst()
                .orElse(0);
    }

    static double percentile(double[] millis, int percent) {
        var sorted = millis.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.ceil(sorted.length * percent / 100.0) - 1];
    }

    /**
     * @param cpu the time that the deciding thread itself was running: what a loaded machine does not change
     * @param keeping likewise, that it takes another thread to make of a cycle what is kept of it
     * @param kept how many bytes that is
     */
    record Figures(
            double[] millis, double[] cpu, double[] keeping, double[] kept, long admitted, long evicted, long gpus) {

        void print(int waiting) {
            System.out.printf(
                    "%-10d %8.1f %8.1f %8.1f %8.1f %12.1f %10d %10d %10d%n",
                    waiting,
                    percentile(millis, 50),
                    percentile(millis, 90),
                    percentile(millis, 99),
                    percentile(millis, 100),
                    percentile(cpu, 99),
                    admitted,
                    evicted,
                    gpus);
        }

        void printKeeping(int waiting) {
            System.out.printf(
                    "to keep a cycle, %d waiting: CPU p50 %.1f ms, mean %.1f ms; mean %.1f KB%n",
                    waiting,
                    percentile(keeping, 50),
                    Arrays.stream(keeping).average().orElse(0),
                    Arrays.stream(kept).average().orElse(0) / 1024);
        }
    }

    static final class World {
        final Recorder recorder = new Recorder(World::names);
        Snapshot decidedFrom;
        List<Decision> decided;
        final int target;
        final Random random = new Random(20260101);
        final Site site = site();
        final Cohort cohorts = cohorts();
        final FairPolicy policy = new FairPolicy();
        final Map<JobId, Waiting> waiting = new LinkedHashMap<>();
        final Map<JobId, Running> running = new LinkedHashMap<>();
        final Map<JobId, Waiting> asWaiting = new HashMap<>();
        Moment now = new Moment(1_800_000_000_000L);
        long admitted;
        long evicted;
        long number;
        long admittedLast;
        boolean ageing = true;
        final List<JobId> told = new ArrayList<>();

        World(int target) {
            this.target = target;
        }

        Figures run(int cycles) {
            do {
                arrive(Math.max(0, target - waiting.size()));
                cycle();
            } while (admittedLast > 100);
            // Until what preemption has to put right at the beginning is put right.
            for (var i = 0; i < 20; i++) {
                arrive(Math.max(0, target - waiting.size()));
                cycle();
            }
            ageing = false;
            arrive(Math.max(0, target - waiting.size()));
            admitted = 0;
            evicted = 0;
            var millis = new double[cycles];
            var cpu = new double[cycles];
            var keeping = new double[cycles];
            var kept = new double[cycles];
            for (var i = 0; i < cycles; i++) {
                free();
                arrive(ARRIVALS);
                shrink();
                var cpuBegin = THREADS.getCurrentThreadCpuTime();
                millis[i] = cycle();
                cpu[i] = (THREADS.getCurrentThreadCpuTime() - cpuBegin) / 1e6;
                var keepBegin = THREADS.getCurrentThreadCpuTime();
                kept[i] = recorder.record(decidedFrom, decided).content().length;
                keeping[i] = (THREADS.getCurrentThreadCpuTime() - keepBegin) / 1e6;
            }
            var gpus = running.values().stream().mapToLong(each -> each.placement().gpus()).sum();
            return new Figures(millis, cpu, keeping, kept, admitted, evicted, gpus);
        }

        double cycle() {
            now = now.plus(Duration.ofSeconds(10));
            leave();
            var begin = System.nanoTime();
            var snapshot = new Snapshot(
                    now,
                    site,
                    cohorts,
                    Map.of(),
                    List.copyOf(running.values()),
                    List.copyOf(waiting.values()),
                    Rules.USUAL);
            var decisions = policy.decide(snapshot);
            var millis = (System.nanoTime() - begin) / 1e6;
            decidedFrom = snapshot;
            decided = decisions;
            apply(decisions);
            return millis;
        }

        /** Whom the last cycle has told to leave is gone by now, and waits again at its old place. */
        void leave() {
            for (var gone : told) {
                if (running.remove(gone) != null) {
                    waiting.put(gone, asWaiting.get(gone).promised(null));
                }
            }
            told.clear();
        }

        void apply(List<Decision> decisions) {
            admittedLast = 0;
            for (var decision : decisions) {
                switch (decision) {
                    case Decision.Admit admit -> start(admit);
                    case Decision.Preempt preempt -> {
                        for (var victim : preempt.victims()) {
                            running.computeIfPresent(victim.job(), (id, job) -> job.leavingFor(preempt.job()));
                            told.add(victim.job());
                        }
                        promise(preempt.job(), preempt.promise());
                    }
                    case Decision.Wait wait -> promise(wait.job(), wait.promise());
                    case Decision.Evict _, Decision.Grow _ ->
                        throw new IllegalStateException("no queue is stopped, and no job grows");
                }
            }
            admitted += admittedLast;
            evicted += told.size();
        }

        void promise(JobId job, Promise promise) {
            var before = waiting.get(job);
            if (before.promise() != promise) {
                waiting.put(job, before.promised(promise));
            }
        }

        void start(Decision.Admit admit) {
            var job = waiting.remove(admit.job());
            asWaiting.put(job.job(), job);
            var ending = job.limit() == null ? Ending.UNKNOWN : new Ending.By(now.plus(job.limit()));
            // What runs from the beginning has run for some hours, each for its own time.
            var started = ageing ? new Moment(now.millis() - 1000L * random.nextInt(6 * 3600)) : now;
            running.put(
                    job.job(),
                    new Running(
                            job.job(),
                            job.queue(),
                            job.user(),
                            job.priority(),
                            started,
                            started,
                            ending,
                            true,
                            null,
                            admit.placement()));
            admittedLast++;
        }

        static Map<JobId, String> names(Collection<JobId> jobs) {
            var names = new HashMap<JobId, String>();
            jobs.forEach(job -> names.put(job, "train-" + job.value().getLeastSignificantBits() % 100_000));
            return names;
        }

        void free() {
            var all = new ArrayList<>(running.keySet());
            for (var freed = 0L; freed < FREED && !all.isEmpty(); ) {
                var index = random.nextInt(all.size());
                var job = running.remove(all.get(index));
                all.set(index, all.getLast());
                all.removeLast();
                freed += job.placement().gpus();
                asWaiting.remove(job.job());
            }
        }

        void shrink() {
            for (var each = waiting.values().iterator(); waiting.size() > target && each.hasNext(); ) {
                if (each.next().promise() == null && random.nextInt(20) == 0) {
                    each.remove();
                }
            }
        }

        void arrive(int count) {
            for (var i = 0; i < count; i++) {
                var id = new JobId(new UUID(0x0197_0000_0000_7000L + (number >> 32), 0x8000_0000_0000_0000L | number++));
                var queue = random.nextInt(QUEUES);
                var limit = random.nextInt(2) == 0 ? null : Duration.ofMinutes(10 + random.nextInt(600));
                var submitted = new Moment(now.millis() - (i % 1000));
                waiting.put(id, new Waiting(id, queueName(queue), "user-" + random.nextInt(20), 50 * random.nextInt(3), submitted,
                        ask(), limit, null, null));
            }
        }

        Ask ask() {
            var gpus = size();
            var tasks = Math.max(1, gpus / 8);
            var each = Math.min(8, gpus);
            var where = switch (random.nextInt(4)) {
                case 0 -> NodeSelector.flavour(A100);
                case 1 -> NodeSelector.flavour(H100);
                default -> NodeSelector.ANY;
            };
            var elastic = tasks > 3 && random.nextInt(4) == 0;
            var ask = Ask.of(new Role("worker", new Resources(12_000L * each, 96L * 1024 * each, each), tasks,
                    elastic ? tasks / 2 : tasks, where));
            if (tasks == 1) {
                return ask;
            }
            return switch (random.nextInt(3)) {
                case 0 -> ask.near(Proximity.preferred("rack"));
                case 1 -> ask.near(Proximity.required(tasks <= RACK / 2 ? "rack" : "block"));
                default -> ask;
            };
        }

        int size() {
            var dice = random.nextInt(1000);
            int[] parts = {350, 500, 650, 850, 910, 950, 980, 990, 997, 1000};
            for (var i = 0; ; i++) {
                if (dice < parts[i]) {
                    return 1 << i;
                }
            }
        }

        static QueueName queueName(int queue) {
            return new QueueName("queue-" + queue);
        }

        static Cohort cohorts() {
            var groups = new ArrayList<Cohort>();
            var preemption = new Preemption(true, Reclaim.ANY, true, Duration.ofMinutes(5));
            for (var group = 0; group < 10; group++) {
                var queues = new ArrayList<QueueRules>();
                for (var queue = group * QUEUES / 10; queue < (group + 1) * QUEUES / 10; queue++) {
                    // Some own much and some nothing: those live on what they borrow.
                    var part = queue % 4;
                    queues.add(new QueueRules(queueName(queue), QueueState.OPEN, 1 + part,
                            List.of(Quota.of(H100, Limits.gpus(80L * part)), Quota.of(A100, Limits.gpus(53L * part))),
                            new Limits(Limits.UNLIMITED, Limits.UNLIMITED, 2000), preemption));
                }
                groups.add(new Cohort(new CohortName("cohort-" + group), 1, List.of(), List.of(), queues));
            }
            return new Cohort(new CohortName("all"), 1, List.of(), groups, List.of());
        }

        static Site site() {
            var nodes = new ArrayList<Node>();
            for (var i = 0; i < NODES; i++) {
                var rack = i / RACK;
                nodes.add(new Node("node-%05d".formatted(i), rack % 5 < 3 ? H100 : A100, Map.of(), Set.of(),
                        List.of("block-%02d".formatted(rack / 10), "rack-%03d".formatted(rack)),
                        new Resources(128_000, 1024 * 1024, 8), Resources.NONE, 110, 0, ""));
            }
            return new Site(List.of("block", "rack"), nodes);
        }
    }
}
