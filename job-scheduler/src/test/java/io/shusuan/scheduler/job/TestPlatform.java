package io.shusuan.scheduler.job;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.shusuan.db.identity.User;
import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobEvent;
import io.shusuan.db.job.JobEvents;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Jobs;
import io.shusuan.db.job.Task;
import io.shusuan.db.job.Tasks;
import io.shusuan.db.postgres.TestDatabase;
import io.shusuan.db.queue.Queue;
import io.shusuan.scheduler.SchedulerConfiguration;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.kubernetes.RealCluster;
import io.shusuan.scheduler.idle.GpuReading;
import io.shusuan.scheduler.idle.GpuReadings;
import io.shusuan.scheduler.queue.quota.CohortName;
import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.Preemption;
import io.shusuan.scheduler.queue.quota.Quota;
import io.shusuan.scheduler.sharing.CohortSettings;
import io.shusuan.scheduler.sharing.QueueMaker;
import io.shusuan.scheduler.sharing.SharingControl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The scheduler as the platform assembles it, on a real database and a real cluster: the local one, unless told otherwise. */
final class TestPlatform implements AutoCloseable {

    private final Access access;
    private final Path home;
    private final String[] cluster;
    private ConfigurableApplicationContext context;

    static TestPlatform on(TestDatabase database, Path home) {
        return on(database, home, 0);
    }

    /** With so many GPUs, which are only counted: no task of a test uses its own. */
    static TestPlatform on(TestDatabase database, Path home, int gpus, String... more) {
        return new TestPlatform(
                access(database),
                home,
                Stream.concat(Stream.of(local(gpus)), Stream.of(more)).toArray(String[]::new));
    }

    private static String[] local(int gpus) {
        return new String[] {
            "--shusuan.cluster=local",
            "--shusuan.local.cpus=16",
            "--shusuan.local.memory-mb=16384",
            "--shusuan.local.gpus=" + gpus
        };
    }

    /** On Kubernetes, where the test plays the kubelet. */
    static TestPlatform on(TestDatabase database, Path home, RealCluster real, String... more) {
        var settings = Stream.of(
                "--shusuan.cluster=kubernetes",
                "--shusuan.kubernetes.kubeconfig=" + real.kubeconfig(),
                "--shusuan.kubernetes.platform=" + real.platform,
                "--shusuan.kubernetes.namespace-prefix=" + real.platform + "-");
        return new TestPlatform(
                access(database), home, Stream.concat(settings, Stream.of(more)).toArray(String[]::new));
    }

    private static Access access(TestDatabase database) {
        return new Access(database.jdbcUrl(), database.user(), database.password());
    }

    /** What the last role of a text needs to run on a node that the test has made for it, with the label {@code example.org/for}. */
    static String onNodesOf(RealCluster real) {
        return "  dockerImage: registry.example/tasks:1\n  nodeSelector: {example.org/for: %s}\n"
                .formatted(real.platform);
    }

    /** How a database is reached. */
    record Access(String url, String user, String password) {}

    TestPlatform(Access access, Path home) {
        this(access, home, local(0));
    }

    private TestPlatform(Access access, Path home, String[] cluster) {
        this.access = access;
        this.home = home;
        this.cluster = cluster;
        this.context = start(access, home, cluster);
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(SchedulerConfiguration.class)
    @EntityScan(basePackageClasses = {Job.class, User.class, Queue.class})
    @EnableJpaRepositories(basePackageClasses = {Job.class, User.class, Queue.class})
    static class Application {
        @Bean
        TaskEnvironment taskEnvironment() {
            return job -> Map.of("GREETING", "hello " + job.owner());
        }

        @Bean
        ToldReadings gpuReadings() {
            return new ToldReadings();
        }

        @Bean
        MeterRegistry meters() {
            return new SimpleMeterRegistry();
        }
    }

    /** What a test says that node agents tell; nothing at first. */
    static final class ToldReadings implements GpuReadings {

        volatile List<GpuReading> told = List.of();

        @Override
        public List<GpuReading> of(Collection<String> nodes) {
            return told.stream().filter(each -> nodes.contains(each.node())).toList();
        }
    }

    /** Said on the command line, where nothing comes before it: SHUSUAN_HOME of whoever runs the tests is no place for them. */
    static ConfigurableApplicationContext start(Access access, Path home) {
        return start(access, home, local(0));
    }

    private static ConfigurableApplicationContext start(Access access, Path home, String[] cluster) {
        var settings = Stream.of(
                "--spring.datasource.url=" + access.url(),
                "--spring.datasource.username=" + access.user(),
                "--spring.datasource.password=" + access.password(),
                "--spring.datasource.hikari.connection-timeout=1000",
                "--spring.flyway.enabled=false",
                "--shusuan.home=" + home);
        return new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .bannerMode(Banner.Mode.OFF)
                .logStartupInfo(false)
                .run(Stream.concat(settings, Stream.of(cluster)).toArray(String[]::new));
    }

    void restart() {
        context.close();
        context = start(access, home, cluster);
    }

    /** Stops what runs in it and starts that again, as Spring does with contexts that tests take turns in. */
    void pause() {
        context.stop();
        context.start();
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    /** Lets a job have run for so long already. */
    void startedBefore(JobId id, Duration running) {
        bean(JdbcClient.class)
                .sql("update jobs set started_at = now() - make_interval(secs => ?) where id = ?")
                .param(running.toSeconds())
                .param(id.value())
                .update();
    }

    Submissions submissions() {
        return bean(Submissions.class);
    }

    JobControl control() {
        return bean(JobControl.class);
    }

    Cluster cluster() {
        return bean(Cluster.class);
    }

    void cohort(String name) {
        bean(SharingControl.class).change(new CohortSettings(new CohortName(name), null, 1, List.of()), false, "root");
    }

    /** Makes a queue that owns so many cores. */
    void queue(String name, @Nullable String cohort, int cores, Preemption preemption, Duration grace) {
        var quota = new Quota(
                FlavourName.DEFAULT,
                new Limits(1000L * cores, Limits.UNLIMITED, Limits.UNLIMITED),
                Limits.ANY,
                Limits.ANY);
        bean(SharingControl.class)
                .change(
                        QueueMaker.queue(name)
                                .in(cohort)
                                .preempting(preemption)
                                .grace(grace)
                                .owning(quota)
                                .make(),
                        false,
                        "root");
    }

    static Submission submission(String text, String key) {
        return new Submission(text.getBytes(UTF_8), "application/yaml", "ada", key);
    }

    JobId submit(String text) {
        return submissions()
                .submit(new Submission(text.getBytes(UTF_8), "application/yaml", "ada", null))
                .id();
    }

    static String text(String name, String kind, int cpus, String... commands) {
        var text = new StringBuilder("jobName: %s%nkind: %s%ntaskRoles:%n".formatted(name, kind));
        for (var i = 0; i < commands.length; i++) {
            text.append("""
                    - name: role%d
                      taskNumber: 1
                      cpuNumber: %d
                      memoryMB: 64
                      gpuNumber: 0
                      command: |
                    %s
                    """.formatted(i, cpus, commands[i].strip().indent(4).stripTrailing()));
            if (kind.equals("inference")) {
                text.append("  ports: [8000]\n");
            }
        }
        return text.toString();
    }

    static String training(String name, String... commands) {
        return text(name, "training", 1, commands);
    }

    static ConditionFactory awaiting() {
        return await().atMost(60, SECONDS)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .ignoreExceptions();
    }

    Job job(JobId id) {
        return bean(Jobs.class).find(id).orElseThrow();
    }

    /** Stops every job that has not ended, and waits until it has. */
    void stopAll() {
        for (var id : bean(Jobs.class).idsIn(JobState.ACTIVE)) {
            control().stop(new JobId(id), "test");
            ended(new JobId(id));
        }
    }

    Job reaches(JobId id, JobState state) {
        awaiting().until(() -> job(id).state() == state);
        return job(id);
    }

    Job ended(JobId id) {
        awaiting().until(() -> job(id).state().isFinal());
        return job(id);
    }

    Job waitsBecause(JobId id, String reason) {
        awaiting().until(() -> reason.equals(job(id).reason()));
        return job(id);
    }

    List<Task> tasks(JobId id) {
        return bean(Tasks.class).of(id);
    }

    List<String> events(JobId id) {
        return bean(JobEvents.class).of(id, 0, 1000).stream()
                .map(JobEvent::reason)
                .toList();
    }

    Path artifacts(JobId id) {
        return home.resolve("artifacts").resolve(id.toString());
    }

    /** How often the commands of a job have run, each telling so by one line in the file {@code runs}. */
    long runs(JobId id) throws IOException {
        try (Stream<String> lines = Files.lines(artifacts(id).resolve("runs"))) {
            return lines.count();
        }
    }

    void awaitFile(JobId id, String name) {
        awaiting().until(() -> Files.exists(artifacts(id).resolve(name)));
    }

    @Override
    public void close() throws ClusterUnavailableException {
        context.getBean(SchedulerLoop.class).stop();
        var cluster = cluster();
        for (var job : cluster.jobs()) {
            cluster.remove(job);
        }
        context.close();
    }
}
