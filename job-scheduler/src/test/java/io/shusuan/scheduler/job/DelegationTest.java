package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.cluster.kubernetes.InstalledKueue.condition;
import static io.shusuan.scheduler.job.TestPlatform.awaiting;
import static io.shusuan.scheduler.job.TestPlatform.onNodesOf;
import static io.shusuan.scheduler.job.TestPlatform.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.shusuan.db.job.EvictionCause;
import io.shusuan.db.job.EvictionLog;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Placed;
import io.shusuan.db.queue.Delegate;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.QueueState;
import io.shusuan.scheduler.cluster.kubernetes.InstalledKueue;
import io.shusuan.scheduler.cluster.kubernetes.InstalledPodGroups;
import io.shusuan.scheduler.cluster.kubernetes.NeedsKubernetes;
import io.shusuan.scheduler.sharing.QueueMaker;
import io.shusuan.scheduler.sharing.SharingControl;
import io.shusuan.scheduler.spec.SpecException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jobs of a queue that is handed to Kueue; the test does what its controller does. */
@NeedsKubernetes
class DelegationTest extends OnRealNodes {

    private static final Delegate TEAM_A = new Delegate(Delegate.Scheduler.KUEUE, "team-a");

    private InstalledKueue kueue;
    private String node;

    @BeforeEach
    void install() throws Exception {
        kueue = new InstalledKueue(real);
        node = real.node("shared", 4, 4096, 0, Map.of("example.org/for", real.platform));
        hand("vision", TEAM_A);
    }

    @AfterEach
    void uninstall() {
        kueue.close();
    }

    private void hand(String queue, @Nullable Delegate to) {
        platform.bean(SharingControl.class)
                .change(QueueMaker.queue(queue).handedTo(to).make(), false, "root");
    }

    private JobId submit(String name, String queue, int cpus) {
        return platform.submit(
                text(name, "training", cpus, "exec sleep 1000") + onNodesOf(real) + "queue: %s\n".formatted(queue));
    }

    private Pod pod(JobId id) {
        return awaiting().until(() -> real.pods(id), found -> found.size() == 1).getFirst();
    }

    private JobId waiting() {
        var id = submit("detector", "vision", 3);
        assertThat(platform.waitsBecause(id, "KueueUnnoticed").state()).isEqualTo(JobState.SUSPENDED);
        return id;
    }

    private JobId running() {
        var id = waiting();
        real.suspend(id, false);
        real.runs(pod(id));
        platform.reaches(id, JobState.RUNNING);
        return id;
    }

    @Test
    void itWaitsWhereItWasHandedToAndSaysWhatIsSaidThere() {
        var id = waiting();

        var seen = kueue.notices(real.jobs(id).getFirst());
        platform.waitsBecause(id, "KueuePending");
        kueue.says(seen, condition("QuotaReserved", false, "Inadmissible", "LocalQueue team-a doesn't exist"));

        assertThat(platform.waitsBecause(id, "KueueInadmissible").message())
                .isEqualTo("waits in Kueue: LocalQueue team-a doesn't exist; its position there is not known here");
        assertThat(platform.events(id))
                .containsSubsequence("Submitted", "Delegated", "KueueUnnoticed", "KueuePending", "KueueInadmissible");
        assertThat(platform.job(id).placement()).isEmpty();
    }

    @Test
    void whatItHasOthersCannotHave() {
        var id = running();

        awaiting()
                .until(
                        () -> platform.job(id).placement(),
                        placement -> placement.equals(List.of(new Placed("role0", "default", node, 1))));
        var other = submit("resnet", "default", 2);

        assertThat(platform.waitsBecause(other, "WaitingForCapacity").state()).isEqualTo(JobState.QUEUED);
        platform.control().stop(id, "ada");
        real.disappears(pod(id));
        platform.reaches(id, JobState.STOPPED);
        platform.reaches(other, JobState.STARTING);
    }

    @Test
    void whatIsTakenBackWaitsAndRunsAgain() {
        var id = running();
        var before = pod(id);
        var seen = kueue.notices(real.jobs(id).getFirst());
        kueue.says(
                seen,
                condition("QuotaReserved", false, "Pending", "Preempted to accommodate a workload"),
                condition("Evicted", true, "Preempted", "Preempted to accommodate a workload"));

        real.suspend(id, true);

        platform.reaches(id, JobState.SUSPENDED);
        real.disappears(before);
        assertThat(platform.waitsBecause(id, "KueueEvicted").placement()).isEmpty();
        assertThat(platform.job(id).run()).isOne();
        assertThat(platform.bean(EvictionLog.class).of(id))
                .singleElement()
                .satisfies(eviction -> assertThat(eviction.cause()).isEqualTo(EvictionCause.DELEGATE));

        real.suspend(id, false);
        var again = awaiting().until(() -> pod(id), found -> !found.equals(before));
        real.runs(again);
        platform.reaches(id, JobState.RUNNING);
        real.ends(again, 0, "Completed");
        assertThat(platform.ended(id).state()).isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void whatServesWaitsAndRunsThereToo() {
        var id = platform.submit(
                text("answers", "inference", 3, "exec sleep 1000") + onNodesOf(real) + "queue: vision\n");
        platform.waitsBecause(id, "KueueUnnoticed");
        var before = pod(id);

        real.letIn(before);
        real.runs(before);
        platform.reaches(id, JobState.RUNNING);

        real.disappears(before);
        platform.waitsBecause(id, "KueueUnnoticed");
        var again = awaiting().until(() -> pod(id), found -> !found.equals(before));
        // Of a node that nobody has heard of for long, Kubernetes says that nothing there is ready.
        real.node("fresh", 4, 4096, 0, Map.of("example.org/for", real.platform));
        real.letIn(again);
        real.runs(again);
        platform.reaches(id, JobState.RUNNING);
        assertThat(platform.job(id).run()).isOne();
        platform.control().stop(id, "ada");
        real.disappears(again);
        assertThat(platform.ended(id).state()).isEqualTo(JobState.STOPPED);
    }

    @Test
    void aGangOfMoreKindsOfTasksThanItTakesIsRefusedWhereItIsSubmitted() {
        var roles = IntStream.rangeClosed(1, 9)
                .mapToObj(number ->
                        "- {name: role%d, taskNumber: 1, cpuNumber: %d, memoryMB: 64, command: 'true', dockerImage: 'a/b:1'}\n"
                                .formatted(number, number))
                .collect(Collectors.joining());
        var text = "jobName: many\nkind: training\nqueue: %s\ntaskRoles:\n" + roles;

        assertThatThrownBy(() -> platform.submit(text.formatted("vision")))
                .isInstanceOfSatisfying(
                        SpecException.class,
                        refused -> assertThat(refused.faults()).singleElement().satisfies(fault -> {
                            assertThat(fault.message())
                                    .isEqualTo(
                                            "queue 'vision' is handed to Kueue, which takes gangs of up to 8 kinds of tasks, and this job has 9: let some task roles ask for the same resources, nodes and ports, or submit it to another queue");
                            assertThat(fault.line()).isEqualTo(5);
                        }));
        assertThat(platform.submit(text.formatted("default"))).isNotNull();
        assertThat(platform.submit(
                        text.formatted("vision").replace("many", "few").replace("cpuNumber: 9", "cpuNumber: 8")))
                .isNotNull();
    }

    @Test
    void whatVolcanoTakesAwayIsHandedOverAgain() throws Exception {
        try (var volcano = new InstalledPodGroups(Delegate.Scheduler.VOLCANO, real)) {
            hand("speech", new Delegate(Delegate.Scheduler.VOLCANO, "team-b"));
            var id = submit("translator", "speech", 2);
            platform.waitsBecause(id, "VolcanoUnnoticed");
            var before = pod(id);
            real.binds(before, node);
            real.runs(before);
            platform.reaches(id, JobState.RUNNING);
            awaiting()
                    .until(
                            () -> platform.job(id).placement(),
                            placement -> placement.equals(List.of(new Placed("role0", "default", node, 1))));

            volcano.takesBack(before, "Pod is evicted, because of reclaim");
            real.disappears(before);

            awaiting().until(() -> platform.job(id), job -> job.run() == 2 && job.state() == JobState.SUSPENDED);
            platform.waitsBecause(id, "VolcanoUnnoticed");
            assertThat(platform.events(id)).containsSubsequence("Running", "Evicted", "Requeued", "Delegated");
            assertThat(platform.bean(EvictionLog.class).of(id))
                    .singleElement()
                    .satisfies(eviction -> assertThat(eviction.cause()).isEqualTo(EvictionCause.DELEGATE));
            var again = pod(id);
            real.binds(again, node);
            real.runs(again);
            platform.reaches(id, JobState.RUNNING);
            real.ends(again, 0, "Completed");
            assertThat(platform.ended(id).state()).isEqualTo(JobState.SUCCEEDED);
            awaiting().until(() -> volcano.groups(id).isEmpty());
        }
    }

    @Test
    void itWaitsOnWhenThePlatformIsStartedAnewAndRunsThoughNobodyLooked() {
        var id = waiting();

        platform.pause();
        platform.restart();
        real.suspend(id, false);
        real.ends(pod(id), 0, "Completed");

        assertThat(platform.ended(id).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(platform.job(id).run()).isOne();
    }

    @Test
    void whatIsStoppedWhileItWaitsIsNotResumed() {
        var id = waiting();

        platform.control().stop(id, "ada");

        assertThat(platform.ended(id).state()).isEqualTo(JobState.STOPPED);
        awaiting().until(() -> real.jobs(id).isEmpty());
        assertThat(real.pods(id)).isEmpty();
    }

    @Test
    void aQueueThatIsTakenBackAdmitsWhatWaits() {
        var id = waiting();

        hand("vision", null);

        platform.reaches(id, JobState.STARTING);
        assertThat(platform.job(id).run()).isEqualTo(2);
        assertThat(platform.job(id).delegate()).isNull();
        assertThat(pod(id)).isNotNull();
        assertThat(platform.events(id)).contains("Withdrawn", "Requeued", "Admitted");
    }

    @Test
    void aClosedQueueTakesBackWhatWaits() {
        var id = waiting();

        platform.bean(QueueControl.class).become(new QueueName("vision"), QueueState.HELD, false, "root");

        platform.reaches(id, JobState.QUEUED);
        assertThat(platform.waitsBecause(id, "OnHold").message()).contains("queue vision is held");
        platform.bean(QueueControl.class).become(new QueueName("vision"), QueueState.OPEN, false, "root");
        platform.reaches(id, JobState.SUSPENDED);
    }
}
