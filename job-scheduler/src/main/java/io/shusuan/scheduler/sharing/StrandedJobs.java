package io.shusuan.scheduler.sharing;

import io.shusuan.db.queue.PriorityClassName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Which jobs that wait a change would keep from ever running, because their queue would not take their priority any more. */
@Component
class StrandedJobs {

    /** So many are named. */
    private static final int NAMED = 5;

    private final JdbcClient jdbc;

    StrandedJobs(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    private record Asks(String job, @Nullable PriorityClassName of, int priority) {

        boolean isTakenBy(QueueSettings queue) {
            return queue.priorities().refusal(queue.name(), of, priority).isEmpty();
        }
    }

    /** A sentence for each queue where there are some. */
    List<String> by(Sharing now, Sharing then) {
        var said = new ArrayList<String>();
        for (var queue : then.queues()) {
            var before = now.queue(queue.name());
            if (before.isPresent()
                    && !before.get().priorities().equals(queue.priorities())
                    && !queue.priorities().isAny()) {
                by(before.get(), queue).ifPresent(said::add);
            }
        }
        return said;
    }

    private Optional<String> by(QueueSettings before, QueueSettings queue) {
        var stranded = jdbc
                .sql(
                        "select name, priority_class, priority from jobs where queue = :queue and state = 'QUEUED' order by rank, id")
                .param("queue", queue.name().value())
                .query((row, number) -> new Asks(
                        row.getString("name"),
                        Optional.ofNullable(row.getString("priority_class"))
                                .map(PriorityClassName::new)
                                .orElse(null),
                        row.getInt("priority")))
                .list()
                .stream()
                .filter(asks -> asks.isTakenBy(before) && !asks.isTakenBy(queue))
                .map(Asks::job)
                .toList();
        if (stranded.isEmpty()) {
            return Optional.empty();
        }
        var more = stranded.size() - NAMED;
        return Optional.of(
                "%d job(s) that wait in queue %s would wait for ever, since it would not take their priority: %s"
                        .formatted(
                                stranded.size(),
                                queue.name(),
                                Stream.concat(
                                                stranded.stream().limit(NAMED),
                                                more > 0 ? Stream.of("%d more".formatted(more)) : Stream.of())
                                        .collect(Collectors.joining(", "))));
    }
}
