package io.shusuan.scheduler.cluster.local;

import io.shusuan.db.job.JobKind;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.Attempt.Endpoint;
import io.shusuan.scheduler.cluster.Attempt.Phase;
import io.shusuan.scheduler.spec.TaskRole;
import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads one attempt's folder into what the port calls an attempt.
 *
 * @param live what is known of it beside its folder: its process exists, though it may not have written a word yet
 */
record Sighting(
        AttemptFolder folder,
        @Nullable TaskRole role,
        JobKind kind,
        @Nullable LiveAttempt live) {

    private record Failure(String reason, String sentence) {}

    Attempt attempt() throws IOException {
        var plan = live == null ? folder.plan() : live.plan;
        var over = folder.over();
        var exit = over ? folder.exitCode() : OptionalInt.empty();
        var phase = phase(over, exit);
        var failure = phase == Phase.FAILED ? failure(exit) : null;
        var ready = phase == Phase.RUNNING && (!kind.serves() || (live != null && live.ready()));
        return new Attempt(
                folder.uid(),
                folder.role(),
                folder.index(),
                plan.run(),
                folder.number(),
                phase,
                ready,
                LocalRuntime.NODE,
                endpoints(plan.ports()),
                exit.isPresent() ? exit.getAsInt() : null,
                failure == null ? null : failure.reason(),
                failure == null ? whyNotReady(phase, ready) : failure.sentence(),
                folder.startedAt().orElse(null),
                over ? folder.endedAt().orElse(null) : null);
    }

    private @Nullable String whyNotReady(Phase phase, boolean ready) {
        return phase == Phase.RUNNING && !ready && live != null ? live.whyNotReady() : null;
    }

    private Phase phase(boolean over, OptionalInt exit) {
        if (over) {
            // What should serve has failed when it ends, whatever it says.
            return exit.orElse(-1) == 0 && !kind.serves() ? Phase.SUCCEEDED : Phase.FAILED;
        }
        return live != null || folder.taken() ? Phase.RUNNING : Phase.PENDING;
    }

    private Failure failure(OptionalInt exit) throws IOException {
        var verdict = folder.verdict().orElse("");
        var space = verdict.indexOf(' ');
        if (space > 0) {
            return new Failure(verdict.substring(0, space), verdict.substring(space + 1));
        }
        return exit.isPresent()
                ? new Failure("Error", "ended with exit code " + exit.getAsInt())
                : new Failure("Lost", "ended, and its exit code cannot be read");
    }

    private List<Endpoint> endpoints(List<Integer> ports) {
        if (role == null) {
            return List.of();
        }
        return IntStream.range(0, Math.min(ports.size(), role.ports().size()))
                .mapToObj(i -> new Endpoint(role.ports().get(i).name(), "127.0.0.1", ports.get(i)))
                .toList();
    }
}
