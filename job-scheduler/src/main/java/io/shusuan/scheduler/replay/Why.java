package io.shusuan.scheduler.replay;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.queue.Decision;
import io.shusuan.scheduler.queue.Standing;
import io.shusuan.scheduler.replay.Precedence.Side;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Why one job was given room while another one waited: the facts of both in the last cycle of which that holds. For one thread. */
final class Why {

    private final String first;
    private final String second;
    private @Nullable Precedence found;
    private @Nullable KeptCycle reverse;
    private final Set<String> unknown;

    Why(String first, String second) {
        this.first = first;
        this.second = second;
        unknown = new TreeSet<>(List.of(first, second));
    }

    void look(KeptCycle cycle) {
        var one = waiting(first, cycle);
        var other = waiting(second, cycle);
        one.ifPresent(_ -> unknown.remove(first));
        other.ifPresent(_ -> unknown.remove(second));
        if (one.isEmpty() || other.isEmpty()) {
            return;
        }
        var oneGot = isGiven(one.get(), cycle);
        var otherGot = isGiven(other.get(), cycle);
        if (oneGot && !otherGot) {
            found = told(one.get(), other.get(), cycle);
        } else if (otherGot && !oneGot) {
            reverse = cycle;
        }
    }

    /** Nothing, if in none of the cycles the one was given room while the other waited. */
    Optional<Precedence> found() {
        return Optional.ofNullable(found);
    }

    String answer() {
        if (found != null) {
            return text(found);
        }
        if (!unknown.isEmpty()) {
            return "no job named %s waited in any of the cycles that were kept%n"
                    .formatted(String.join(", or ", unknown));
        }
        return "in none of the cycles was %s given room while %s waited%n".formatted(first, second)
                + (reverse == null
                        ? ""
                        : "%s: %s was given room while %s waited%n".formatted(Answers.head(reverse), second, first));
    }

    private static Optional<JobId> waiting(String name, KeptCycle cycle) {
        return cycle.snapshot().waiting().stream()
                .map(job -> job.job())
                .filter(job -> name.equals(cycle.name(job)) || name.equals(job.toString()))
                .findFirst();
    }

    private static boolean isGiven(JobId job, KeptCycle cycle) {
        return cycle.decided().acts().stream().anyMatch(act -> act.job().equals(job));
    }

    private static Precedence told(JobId one, JobId other, KeptCycle cycle) {
        var standings = Standing.of(cycle.snapshot(), Set.of(one, other));
        var decisions = cycle.decideAgain();
        var before = standings.get(one);
        var behind = standings.get(other);
        return new Precedence(
                cycle.id(),
                cycle.at(),
                new Side(CycleJob.of(decision(one, decisions), cycle), before),
                new Side(CycleJob.of(decision(other, decisions), cycle), behind),
                before == null || behind == null ? null : order(before, behind, cycle));
    }

    private static String text(Precedence found) {
        var text = new StringBuilder(Answers.head(found.cycle(), found.at())).append('\n');
        for (var side : List.of(found.first(), found.second())) {
            text.append("%s %s%n".formatted(side.job().name(), Answers.fate(side.job())));
            var standing = side.standing();
            if (standing != null) {
                text.append("  ").append(facts(standing)).append('\n');
            }
        }
        return found.order() == null
                ? text.toString()
                : text.append(found.order()).append('\n').toString();
    }

    private static Decision decision(JobId job, List<Decision> decisions) {
        return decisions.stream()
                .filter(each -> each.job().equals(job))
                .findFirst()
                .orElseThrow();
    }

    private static String facts(Standing standing) {
        return "queue %s, no. %d of it when the cycle began; priority %d, submitted %s; share with it: %s"
                .formatted(
                        standing.queue(),
                        standing.position(),
                        standing.priority(),
                        Answers.time(standing.submitted()),
                        standing.shares().stream()
                                .map(share -> "%s %.3f".formatted(share.member(), share.share()))
                                .collect(Collectors.joining(", ")));
    }

    /** What the order between the two was; what came of it otherwise, the reason of who waited says. */
    private static String order(Standing one, Standing other, KeptCycle cycle) {
        if (one.queue().equals(other.queue()) && isFirst(one, other)) {
            return "%s stood before %s: by the time of submission and what priority is worth, %s ahead"
                    .formatted(cycle.name(one.job()), cycle.name(other.job()), ahead(one, other));
        }
        if (one.promised()) {
            return "%s had been promised room in an earlier cycle, and promises come before anybody's turn%s"
                    .formatted(
                            cycle.name(one.job()),
                            other.promised() && isFirst(one, other) ? ", by submission and priority" : "");
        }
        if (one.queue().equals(other.queue())) {
            return "%s stood before %s, by %s, but could not run then, as its reason says, and %s could"
                    .formatted(
                            cycle.name(other.job()), cycle.name(one.job()), ahead(one, other), cycle.name(one.job()));
        }
        for (var i = 0; i < Math.min(one.shares().size(), other.shares().size()); i++) {
            var mine = one.shares().get(i);
            var theirs = other.shares().get(i);
            if (!mine.member().equals(theirs.member())) {
                return shares(mine, theirs, one, other, cycle);
            }
        }
        throw new IllegalStateException("two queues in one place of the tree");
    }

    private static boolean isFirst(Standing one, Standing other) {
        return one.rank() <= other.rank();
    }

    private static String ahead(Standing one, Standing other) {
        long millis = Math.abs(other.rank() - one.rank());
        return millis < 1000 ? millis + " ms" : Answers.length(Duration.ofMillis(millis));
    }

    private static String shares(
            Standing.Share mine, Standing.Share theirs, Standing one, Standing other, KeptCycle cycle) {
        if (mine.share() == theirs.share()) {
            return "neither %s nor %s is above its own by more than the other; %s stands first by submission and priority"
                    .formatted(mine.member(), theirs.member(), cycle.name((isFirst(one, other) ? one : other).job()));
        }
        var less = mine.share() < theirs.share();
        return "%s comes before %s, since it would be above its own by a share of %.3f, and not %.3f%s"
                .formatted(
                        less ? mine.member() : theirs.member(),
                        less ? theirs.member() : mine.member(),
                        Math.min(mine.share(), theirs.share()),
                        Math.max(mine.share(), theirs.share()),
                        less ? "" : "; but " + cycle.name(other.job()) + " could not run then, as its reason says");
    }
}
