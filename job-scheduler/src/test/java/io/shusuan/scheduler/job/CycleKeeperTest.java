package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.job.TestPlatform.awaiting;
import static io.shusuan.scheduler.job.TestPlatform.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.queue.Cycles;
import io.shusuan.scheduler.queue.Decision;
import io.shusuan.scheduler.queue.FairPolicy;
import io.shusuan.scheduler.replay.KeptCycle;
import io.shusuan.scheduler.replay.Recording;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is kept of the cycles of a real queue, on a machine with 16 cores. */
class CycleKeeperTest extends OnePlatformEach {

    private JobId submit(String name, String more, String command) {
        return platform.submit(more + text(name, "training", 16, command));
    }

    private List<KeptCycle> kept() throws IOException {
        var file = new ByteArrayOutputStream();
        platform.bean(Cycles.class)
                .<IOException>read(
                        Instant.EPOCH, (id, content) -> Recording.write(new DataOutputStream(file), id, content));
        var cycles = new ArrayList<KeptCycle>();
        assertThat(new Recording(cycles::add).readAll(new ByteArrayInputStream(file.toByteArray())))
                .isEmpty();
        return cycles;
    }

    private static Map<JobId, Decision.Admit> admissions(List<KeptCycle> cycles) {
        var admissions = new HashMap<JobId, Decision.Admit>();
        for (var cycle : cycles) {
            for (var act : cycle.decided().acts()) {
                if (act instanceof Decision.Admit admit) {
                    admissions.put(admit.job(), admit);
                }
            }
        }
        return admissions;
    }

    @Test
    void whatIsKeptIsWhatHappenedAndIsDecidedAgainAsItWas() throws Exception {
        var first = submit("first", "", "exec sleep 1000");
        platform.reaches(first, JobState.RUNNING);
        var second = submit("second", "", "true");
        platform.waitsBecause(second, "WaitingForCapacity");
        var third = submit("third", "priority: 1\n", "true");
        platform.waitsBecause(
                third, "WaitingForCapacity"); // it is the first now, and has been promised what becomes free
        platform.control().stop(first, "ada");
        platform.ended(second);
        awaiting().until(() -> admissions(kept()).containsKey(second));
        platform.restart(); // goes on as another leader would
        var fourth = submit("fourth", "", "true");
        platform.ended(fourth);
        awaiting().until(() -> admissions(kept()).containsKey(fourth));

        var cycles = kept();

        assertThat(admissions(cycles)).containsOnlyKeys(first, second, third, fourth);
        assertThat(admissions(cycles).values())
                .allSatisfy(admit -> assertThat(admit.placement().nodes()).containsExactly("local"));
        var order = cycles.stream()
                .flatMap(cycle -> cycle.decided().acts().stream().map(Decision::job))
                .distinct()
                .toList();
        assertThat(order).containsExactly(first, third, second, fourth);
        assertThat(cycles.getLast().names()).containsEntry(third, "third");
        for (var cycle : cycles) {
            var again = new FairPolicy().decide(cycle.snapshot());
            assertThat(again).containsAll(cycle.decided().acts());
        }
    }

    @Test
    void ofCyclesThatDecideNothingNothingIsKept() throws Exception {
        var first = submit("first", "", "exec sleep 1000");
        platform.reaches(first, JobState.RUNNING);
        awaiting().until(() -> kept().size() == 1);
        var second = submit("second", "", "true");

        platform.waitsBecause(second, "WaitingForCapacity"); // so at least one more cycle has decided

        assertThat(kept()).hasSize(1);
    }
}
