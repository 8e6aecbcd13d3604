package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.job.TestPlatform.awaiting;
import static io.shusuan.scheduler.job.TestPlatform.onNodesOf;
import static io.shusuan.scheduler.job.TestPlatform.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.shusuan.db.job.EvictionCause;
import io.shusuan.db.job.EvictionLog;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.queue.Delegate;
import io.shusuan.scheduler.cluster.kubernetes.NeedsKubernetes;
import io.shusuan.scheduler.cluster.kubernetes.RealKueue;
import io.shusuan.scheduler.sharing.QueueMaker;
import io.shusuan.scheduler.sharing.SharingControl;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jobs that Kueue's own controller admits, evicts and admits again; the test plays the kubelet alone. */
@NeedsKubernetes(kueue = true)
class BesideKueueTest extends OnRealNodes {

    private static final Delegate TEAM_A = new Delegate(Delegate.Scheduler.KUEUE, "team-a");

    private RealKueue kueue;

    @BeforeEach
    void share() {
        real.node("shared", 16, 16_384, 0, Map.of("example.org/for", real.platform));
        kueue = new RealKueue(real);
        kueue.gives("vision", 4);
        kueue.gives("speech", 4);
        hand("vision", TEAM_A);
        hand("speech", TEAM_A);
    }

    @AfterEach
    void closeQueues() {
        kueue.close();
    }

    private void hand(String queue, @Nullable Delegate to) {
        platform.bean(SharingControl.class)
                .change(QueueMaker.queue(queue).handedTo(to).make(), false, "root");
    }

    private JobId submit(String name, String queue, String kind, int cpus) {
        return platform.submit(
                text(name, kind, cpus, "exec sleep 1000") + onNodesOf(real) + "queue: %s\n".formatted(queue));
    }

    private JobId submitGang(String name, String queue, int cpusEach) {
        var text = text(name, "training", cpusEach, "exec sleep 1000", "exec sleep 1000");
        var withNodes = text.replace("- name: role1", onNodesOf(real) + "- name: role1") + onNodesOf(real);
        return platform.submit(withNodes + "queue: %s\n".formatted(queue));
    }

    @Override
    List<Pod> running(JobId id, int tasks) {
        platform.reaches(id, JobState.STARTING);
        var pods = kueue.letIn(id, tasks);
        pods.forEach(real::runs);
        platform.reaches(id, JobState.RUNNING);
        return pods;
    }

    private void end(JobId id, List<Pod> pods) {
        pods.forEach(each -> real.ends(each, 0, "Completed"));
        assertThat(platform.ended(id).state()).isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void whatDoesNotFitWaitsWithKueuesWordsAndRunsWhenThereIsRoom() {
        var first = submit("detector", "vision", "training", 7);
        var pods = running(first, 1);
        var second = submit("segmenter", "vision", "training", 3);

        awaiting()
                .untilAsserted(() -> assertThat(
                                platform.waitsBecause(second, "KueuePending").message())
                        .startsWith("waits in Kueue: couldn't assign flavors to pod set main: insufficient")
                        .contains("cpu"));
        assertThat(platform.job(second).state()).isEqualTo(JobState.SUSPENDED);
        platform.pause();
        platform.restart();
        end(first, pods);
        end(second, running(second, 1));
    }

    @Test
    void whatKueueEvictsWaitsAgainAndGoesOnInTheSameRun() {
        var borrower = submit("detector", "vision", "training", 6);
        var before = running(borrower, 1);

        var owner = submit("translator", "speech", "training", 3);

        platform.reaches(borrower, JobState.SUSPENDED);
        before.forEach(this::goes);
        var pods = running(owner, 1);
        assertThat(platform.bean(EvictionLog.class).of(borrower))
                .singleElement()
                .satisfies(eviction -> assertThat(eviction.cause()).isEqualTo(EvictionCause.DELEGATE));
        awaiting().until(() -> String.valueOf(platform.job(borrower).reason()).startsWith("Kueue"));
        end(owner, pods);
        end(borrower, running(borrower, 1));
        assertThat(platform.job(borrower).run()).isOne();
    }

    @Test
    void aGangIsAdmittedEvictedAndAdmittedAgainAsAWhole() {
        var borrower = submitGang("detector", "vision", 3);
        var before = running(borrower, 2);

        var owner = submitGang("translator", "speech", 2);

        platform.reaches(borrower, JobState.SUSPENDED);
        before.forEach(this::goes);
        end(owner, running(owner, 2));
        end(borrower, running(borrower, 2));
        assertThat(platform.job(borrower).run()).isOne();
    }

    /** It counts the roles that ask for the same as one. */
    @Test
    void aGangOfManyRolesIsAdmittedAsAWhole() {
        var commands = Collections.nCopies(9, "exec sleep 1000").toArray(String[]::new);
        var text = text("detector", "training", 1, commands)
                .replace("cpuNumber: 1\n", "cpuNumber: 0.5\n" + onNodesOf(real))
                .replaceFirst("memoryMB: 64", "memoryMB: 128");
        var id = platform.submit(text + "queue: vision\n");

        var pods = running(id, 9);

        assertThat(kueue.podSets(id)).containsExactlyInAnyOrder(1, 8);
        end(id, pods);
    }

    @Test
    void whatIsStoppedGivesItsQuotaBack() {
        var running = submitGang("detector", "vision", 3);
        var pods = running(running, 2);
        var waiting = submitGang("segmenter", "vision", 4);
        var next = submit("tracker", "vision", "training", 8);
        platform.waitsBecause(waiting, "KueuePending");

        platform.control().stop(waiting, "ada");
        assertThat(platform.ended(waiting).state()).isEqualTo(JobState.STOPPED);
        platform.control().stop(running, "ada");
        pods.forEach(this::goes);
        assertThat(platform.ended(running).state()).isEqualTo(JobState.STOPPED);

        end(next, running(next, 1));
    }

    @Test
    void aGangThatFailsGivesItsQuotaBack() {
        var failing = submitGang("detector", "vision", 4);
        var pods = running(failing, 2);
        var next = submit("tracker", "vision", "training", 8);

        real.ends(pods.getFirst(), 3, "Error");
        goes(pods.getLast());

        assertThat(platform.ended(failing).state()).isEqualTo(JobState.FAILED);
        end(next, running(next, 1));
    }

    @Test
    void whatServesIsAdmittedAndComesAgainWhenItIsEvicted() {
        var service = submit("answers", "vision", "inference", 6);
        var before = running(service, 1);

        var owner = submit("translator", "speech", "training", 3);

        platform.reaches(service, JobState.SUSPENDED);
        before.forEach(this::goes);
        platform.waitsBecause(service, "KueuePending");
        end(owner, running(owner, 1));
        var again = running(service, 1);
        platform.control().stop(service, "ada");
        again.forEach(this::goes);
        assertThat(platform.ended(service).state()).isEqualTo(JobState.STOPPED);
    }

    @Test
    void aQueueThatIsTakenBackRunsWhatWaitedInKueue() {
        var running = submit("detector", "vision", "training", 6);
        var pods = running(running, 1);
        var waiting = submit("segmenter", "vision", "training", 4);
        var gang = submitGang("tracker", "vision", 2);
        platform.waitsBecause(waiting, "KueuePending");
        platform.waitsBecause(gang, "KueuePending");

        hand("vision", null);

        platform.reaches(waiting, JobState.STARTING);
        platform.reaches(gang, JobState.STARTING);
        assertThat(platform.job(waiting).delegate()).isNull();
        assertThat(platform.job(running).state()).isEqualTo(JobState.RUNNING);
        end(running, pods);
        end(gang, running(gang, 2));
    }
}
