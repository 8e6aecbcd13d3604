package io.shusuan.scheduler.replay;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.queue.Decision;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes kept decisions again, from what they were made of, and tells the first that is another one now. For one thread. */
final class Verification {

    private int cycles;
    private int others;
    private @Nullable String first;

    void look(KeptCycle cycle) {
        cycles++;
        var again = cycle.decideAgain();
        var difference = difference(cycle, again);
        if (difference != null) {
            others++;
            first = first == null ? "%s: %s".formatted(Answers.head(cycle), difference) : first;
        }
    }

    boolean isSame() {
        return others == 0;
    }

    String answer() {
        return first == null
                ? "all of %d cycles are decided as they were%n".formatted(cycles)
                : "%d of %d cycles are decided otherwise now; the first:%n%s%n".formatted(others, cycles, first);
    }

    /** Null, if there is none. */
    static @Nullable String difference(KeptCycle cycle, List<Decision> decisions) {
        var again = Decided.of(decisions);
        if (!new HashSet<>(again.acts()).equals(new HashSet<>(cycle.decided().acts()))) {
            return firstOf(byJob(cycle.decided().acts()), byJob(again.acts()), cycle);
        }
        return again.waits() == cycle.decided().waits() ? null : "those who wait would be told other reasons or places";
    }

    private static String firstOf(Map<JobId, Decision> then, Map<JobId, Decision> now, KeptCycle cycle) {
        var jobs = new TreeSet<>(then.keySet());
        jobs.addAll(now.keySet());
        var job = jobs.stream()
                .filter(each -> !Objects.equals(then.get(each), now.get(each)))
                .findFirst()
                .orElseThrow();
        return "job %s %s; decided again, it %s"
                .formatted(cycle.name(job), fate(then.get(job), cycle), fate(now.get(job), cycle));
    }

    private static String fate(@Nullable Decision act, KeptCycle cycle) {
        return act == null ? "stayed what it was" : Answers.fate(CycleJob.of(act, cycle));
    }

    private static Map<JobId, Decision> byJob(List<Decision> acts) {
        return acts.stream().collect(Collectors.toMap(Decision::job, Function.identity()));
    }
}
