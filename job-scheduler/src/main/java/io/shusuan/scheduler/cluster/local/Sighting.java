package io.shusuan.scheduler.cluster.local;

import io.shusuan.db.job.JobKind;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.Attempt.Endpoint;
import io.shusuan.scheduler.cluster.Attempt.Phase;
import io.shusuan.scheduler.spec.TaskRole;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Reads one attempt's folder into what the port calls an attempt. */
record Sighting(AttemptFolder folder, @Nullable TaskRole role, JobKind kind, boolean answers) {

    Attempt attempt() {
        var exit = folder.exitCode();
        var phase = phase(exit);
        var failure = phase == Phase.FAILED ? failure(exit) : null;
        return new Attempt(
                folder.uid(),
                folder.role(),
                folder.index(),
                folder.number(),
                phase,
                phase == Phase.RUNNING && (kind == JobKind.TRAINING || answers),
                LocalRuntime.NODE,
                endpoints(),
                exit.isPresent() ? exit.getAsInt() : null,
                failure == null ? null : failure[0],
                failure == null ? null : failure[1],
                folder.startedAt().orElse(null),
                folder.endedAt().orElse(null));
    }

    private Phase phase(OptionalInt exit) {
        if (exit.isPresent()) {
            // What should serve has failed when it ends, whatever it says.
            return exit.getAsInt() == 0 && kind == JobKind.TRAINING ? Phase.SUCCEEDED : Phase.FAILED;
        }
        return folder.started() ? Phase.RUNNING : Phase.PENDING;
    }

    private String[] failure(OptionalInt exit) {
        return folder.verdict()
                .map(text -> text.split(" ", 2))
                .filter(words -> words.length == 2)
                .orElseGet(() -> new String[] {"Error", "ended with exit code " + exit.orElse(-1)});
    }

    private List<Endpoint> endpoints() {
        if (role == null) {
            return List.of();
        }
        var ports = folder.ports();
        return IntStream.range(0, Math.min(ports.size(), role.ports().size()))
                .mapToObj(i -> new Endpoint(role.ports().get(i).name(), "127.0.0.1", ports.get(i)))
                .toList();
    }
}
