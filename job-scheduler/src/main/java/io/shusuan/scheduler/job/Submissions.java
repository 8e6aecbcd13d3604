package io.shusuan.scheduler.job;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.shusuan.db.job.IdempotencyKey;
import io.shusuan.db.job.IdempotencyKeys;
import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Jobs;
import io.shusuan.db.job.NewJobs;
import io.shusuan.db.job.Submitted;
import io.shusuan.db.job.TaskRoleRow;
import io.shusuan.db.queue.PriorityClassName;
import io.shusuan.db.queue.QueueState;
import io.shusuan.scheduler.queue.Hold;
import io.shusuan.scheduler.sharing.PriorityLimits;
import io.shusuan.scheduler.spec.Fault;
import io.shusuan.scheduler.spec.JobSpec;
import io.shusuan.scheduler.spec.ParsedSpec;
import io.shusuan.scheduler.spec.SpecException;
import io.shusuan.scheduler.spec.SpecReader;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** Takes jobs in. When {@link #submit} returns, the job is committed, and nothing of it has run. */
@Service
public class Submissions {

    private static final Logger log = LoggerFactory.getLogger(Submissions.class);

    private static final int ROUNDS = 3;
    private static final Duration KEY_LIFETIME = Duration.ofDays(1);

    private final SpecReader reader = new SpecReader();
    private final TransactionTemplate transaction;
    private final NewJobs newJobs;
    private final Jobs jobs;
    private final References references;
    private final Delegations delegations;
    private final IdempotencyKeys keys;
    private final ApplicationEventPublisher events;
    private final Clock clock;
    private final MeterRegistry meters;

    Submissions(
            TransactionTemplate transaction,
            NewJobs newJobs,
            Jobs jobs,
            References references,
            Delegations delegations,
            IdempotencyKeys keys,
            ApplicationEventPublisher events,
            Clock clock,
            MeterRegistry meters) {
        this.transaction = transaction;
        this.newJobs = newJobs;
        this.jobs = jobs;
        this.references = references;
        this.delegations = delegations;
        this.keys = keys;
        this.events = events;
        this.clock = clock;
        this.meters = meters;
    }

    /**
     * What came of a submission.
     *
     * @param stored the job as it was committed; none if this is the answer to an earlier request with the same key
     */
    public record Accepted(JobId id, @Nullable StoredJob stored, List<String> assumptions) {

        public boolean repeated() {
            return stored == null;
        }
    }

    /**
     * A job as it was committed.
     *
     * @param position in the line of its queue; null behind the first thousand
     */
    public record StoredJob(
            Job job, List<TaskRoleRow> roles, @Nullable Long position) {}

    /** Reads a text as a submission would, and stores nothing. */
    public ParsedSpec check(byte[] text) {
        var parsed = read(text);
        transaction.executeWithoutResult(status -> {
            references.requireKnown(text);
            requireTaken(parsed, text);
            references.judgeAnew(references.priority(parsed.spec(), text), parsed.spec(), text);
        });
        return parsed;
    }

    private void requireTaken(ParsedSpec parsed, byte[] text) {
        delegations.refusal(parsed.spec(), text).ifPresent(refusal -> {
            throw new SpecException(List.of(refusal));
        });
    }

    /** Where the text itself is wrong, the names in it that lead nowhere are told, too. */
    private ParsedSpec read(byte[] text) {
        try {
            return reader.read(text);
        } catch (SpecException wrong) {
            throw wrong.and(unknown(text));
        }
    }

    private List<Fault> unknown(byte[] text) {
        try {
            return Objects.requireNonNull(transaction.execute(status -> references.unknown(text)));
        } catch (SpecException cutShort) { // nothing could be read behind a fault that is known already
            return List.of();
        }
    }

    public Accepted submit(Submission submission) {
        var parsed = read(submission.text());
        for (var round = 1; ; round++) {
            try {
                var accepted = Objects.requireNonNull(transaction.execute(status -> store(submission, parsed)));
                if (!accepted.repeated()) {
                    count(parsed.spec());
                    tell(accepted, submission, parsed.spec());
                }
                return accepted;
            } catch (DataIntegrityViolationException raced) {
                var earlier = transaction.execute(status -> explained(submission, parsed));
                if (earlier != null) {
                    return earlier;
                }
                // Who was in the way has gone again.
                if (round == ROUNDS) {
                    throw raced;
                }
            }
        }
    }

    private static void tell(Accepted accepted, Submission submission, JobSpec spec) {
        try (var _ = MDC.putCloseable("job", accepted.id().toString())) {
            log.info("job '{}' of {} is in queue {}", spec.name(), submission.owner(), spec.queue());
        }
    }

    private void count(JobSpec accepted) {
        Counter.builder("shusuan.submissions")
                .description("jobs accepted, by kind and queue")
                .tag("kind", accepted.kind().name())
                .tag("queue", accepted.queue().value())
                .register(meters)
                .increment();
    }

    /** Forgets the keys of requests that nobody repeats any more. */
    void forgetOldKeys() {
        transaction.executeWithoutResult(
                status -> keys.deleteOlderThan(clock.instant().minus(KEY_LIFETIME)));
    }

    private Accepted store(Submission submission, ParsedSpec parsed) {
        var earlier = earlier(submission, parsed);
        if (earlier != null) {
            return earlier;
        }
        requireTaken(parsed, submission.text());
        var spec = parsed.spec();
        var now = clock.instant();
        var priority = references.priority(spec, submission.text());
        var limits = references.judge(priority, spec, submission.text());
        var job = new Job(
                JobId.next(),
                new Submitted(
                        spec.name(),
                        submission.owner(),
                        spec.queue(),
                        spec.kind(),
                        priority,
                        spec.priorityClass(),
                        spec.description(),
                        submission.text(),
                        submission.mediaType(),
                        references.sources(spec, submission.text()),
                        spec.total()),
                now);
        var roles = new ArrayList<TaskRoleRow>();
        for (var role : spec.taskRoles()) {
            roles.add(new TaskRoleRow(
                    job.id(),
                    roles.size(),
                    role.name(),
                    role.taskNumber(),
                    role.minTaskNumber(),
                    role.perTask(),
                    role.image(),
                    role.readiness() == null
                            ? null
                            : new TaskRoleRow.Readiness(
                                    role.readiness().path(),
                                    role.readiness().port().name())));
        }
        var key = submission.idempotencyKey() == null
                ? null
                : new IdempotencyKey(
                        submission.owner(), submission.idempotencyKey(), digest(submission.text()), job.id(), now);
        var held = Hold.closed(spec.queue(), QueueState.HELD);
        var stopped = Hold.closed(spec.queue(), QueueState.STOPPED);
        var whenClosed = new NewJobs.WhenClosed(held.reason().code(), held.sentence(), stopped.sentence());
        var demands = Demands.of(spec).json().orElse(null);
        var stored = newJobs.store(job, roles, demands, key, whenClosed, judgedBy(limits));
        while (stored.isEmpty()) { // a queue that takes it now was made, opened or changed in between
            references.requireKnown(submission.text());
            limits = references.judgeAnew(priority, spec, submission.text());
            stored = newJobs.store(job, roles, demands, key, whenClosed, judgedBy(limits));
        }
        events.publishEvent(JobChanged.of(job));
        return new Accepted(job.id(), new StoredJob(job, roles, stored.get().position()), parsed.assumptions());
    }

    private static NewJobs.JudgedBy judgedBy(PriorityLimits limits) {
        return new NewJobs.JudgedBy(
                limits.highest(),
                limits.classes().stream().map(PriorityClassName::value).toList());
    }

    private @Nullable Accepted earlier(Submission submission, ParsedSpec parsed) {
        var key = submission.idempotencyKey();
        if (key == null) {
            return null;
        }
        var known =
                keys.findById(new IdempotencyKey.Id(submission.owner(), key)).orElse(null);
        if (known == null) {
            return null;
        }
        if (!known.digest().equals(digest(submission.text()))) {
            throw new KeyReusedException(key);
        }
        return new Accepted(known.job(), null, parsed.assumptions());
    }

    /** The database is who decides about names and keys; here its refusal is put in words. Null if nothing explains it. */
    private @Nullable Accepted explained(Submission submission, ParsedSpec parsed) {
        var earlier = earlier(submission, parsed);
        if (earlier != null) {
            return earlier;
        }
        var name = parsed.spec().name();
        var holder = jobs.findByName(name.value(), JobState.ACTIVE);
        if (holder.isPresent()) {
            throw new NameTakenException(name, holder.get().id());
        }
        return null;
    }

    private static String digest(byte[] text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }
}
