package io.shusuan.scheduler.replay;

import io.shusuan.scheduler.queue.Decision;

/** What was kept, a line for each cycle. */
final class Listing {

    private final StringBuilder lines = new StringBuilder(
            "%8s  %-19s %8s %8s %9s %8s%n".formatted("cycle", "time", "waiting", "running", "admitted", "leaving"));

    void look(KeptCycle cycle) {
        var admitted = 0L;
        var leaving = 0L;
        for (var act : cycle.decided().acts()) {
            switch (act) {
                case Decision.Admit admit -> admitted++;
                case Decision.Preempt preempt -> leaving += preempt.victims().size();
                case Decision.Evict _, Decision.Grow _ -> leaving++;
                case Decision.Wait wait -> {}
            }
        }
        lines.append("%8d  %-19s %8d %8d %9d %8d%n"
                .formatted(
                        cycle.id(),
                        Answers.time(cycle.snapshot().time()),
                        cycle.snapshot().waiting().size(),
                        cycle.snapshot().running().size(),
                        admitted,
                        leaving));
    }

    String answer() {
        return lines.toString();
    }
}
