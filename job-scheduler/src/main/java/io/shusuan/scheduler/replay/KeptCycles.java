package io.shusuan.scheduler.replay;

import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.Cycles;
import io.shusuan.db.queue.QueueName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * Answers about single kept cycles, beside whoever schedules: each reads no more than from the last entry that stands by itself on
 * (decision 0023). One at a time, since a cycle of a large cluster takes a second of a core and its snapshot in memory.
 */
@Service
public class KeptCycles {

    private static final int PATIENCE_SECONDS = 20;

    /** In so many of the last cycles that gave a job room it is looked for who waited meanwhile. */
    private static final int CANDIDATES = 5;

    /** So many jobs of one name are known again. */
    private static final int NAMESAKES = 20;

    private final Cycles cycles;
    private final JdbcClient jdbc;
    private final Semaphore turn = new Semaphore(1, true);

    KeptCycles(Cycles cycles, JdbcClient jdbc) {
        this.cycles = cycles;
        this.jdbc = jdbc;
    }

    /** Others have been asking for too long. */
    public static final class BusyException extends RuntimeException {

        private static final long serialVersionUID = 1;

        BusyException() {
            super("other questions about kept cycles are being answered; ask again in a moment");
        }
    }

    /**
     * Of which jobs of a cycle is told.
     *
     * @param queue null for any
     * @param job a name or an id; null for any
     */
    public record Filter(
            @Nullable QueueName queue, @Nullable String job) {

        private boolean takes(CycleAccount.Line line) {
            return (queue == null || line.queue().equals(queue))
                    && (job == null
                            || line.job().name().equals(job)
                            || line.job().job().toString().equals(job));
        }
    }

    /** The newest before one of them. */
    public List<Cycles.Kept> before(long id, Filter filter, int most) {
        return cycles.before(
                id, new Cycles.Wanted(filter.queue(), filter.job() == null ? null : named(filter.job())), most);
    }

    /** What a cycle decided about each job; nothing, if it is not kept, or cannot be read any more. */
    public Optional<CycleAccount> account(long id, Filter filter, int most) {
        Predicate<CycleAccount.Line> wanted = filter::takes;
        return alone(() -> read(id).map(cycle -> CycleAccount.of(cycle, wanted, most)));
    }

    /** Why one job was given room while another one waited, in the last cycle of which that holds. */
    public Optional<Precedence> why(String first, String second) {
        return alone(() -> {
            for (var id : cycles.giving(named(first), CANDIDATES)) {
                var why = new Why(first, second);
                read(id).ifPresent(why::look);
                if (why.found().isPresent()) {
                    return why.found();
                }
            }
            return Optional.empty();
        });
    }

    private interface Question<T> {
        Optional<T> answer();
    }

    private <T> Optional<T> alone(Question<T> question) {
        try {
            if (!turn.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new BusyException();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new BusyException();
        }
        try {
            return question.answer();
        } finally {
            turn.release();
        }
    }

    private Optional<KeptCycle> read(long id) {
        var found = new ArrayList<KeptCycle>();
        var recording = new Recording(each -> each == id, found::add);
        cycles.<RuntimeException>read(id, recording::read);
        return found.stream().findFirst();
    }

    private Collection<JobId> named(String job) {
        try {
            return List.of(new JobId(UUID.fromString(job)));
        } catch (IllegalArgumentException name) {
            return jdbc.sql("select id from jobs where name = :name order by created_at desc limit :most")
                    .param("name", job)
                    .param("most", NAMESAKES)
                    .query((row, number) -> new JobId(row.getObject("id", UUID.class)))
                    .list();
        }
    }
}
