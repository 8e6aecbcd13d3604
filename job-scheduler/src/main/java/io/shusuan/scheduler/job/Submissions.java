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
import io.shusuan.db.job.TaskRoleRow;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.Queues;
import io.shusuan.scheduler.queue.WaitReason;
import io.shusuan.scheduler.spec.Fault;
import io.shusuan.scheduler.spec.JobSpec;
import io.shusuan.scheduler.spec.Mount;
import io.shusuan.scheduler.spec.ParsedSpec;
import io.shusuan.scheduler.spec.SpecException;
import io.shusuan.scheduler.spec.SpecReader;
import io.shusuan.scheduler.spec.UnknownReference;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** Takes jobs in. When {@link #submit} returns, the job is committed, and nothing of it has run. */
@Service
public class Submissions {

    private static final int ROUNDS = 3;
    private static final Duration KEY_LIFETIME = Duration.ofDays(1);

    private final SpecReader reader = new SpecReader();
    private final TransactionTemplate transaction;
    private final NewJobs newJobs;
    private final Jobs jobs;
    private final Queues queues;
    private final IdempotencyKeys keys;
    private final ApplicationEventPublisher events;
    private final Clock clock;
    private final MeterRegistry meters;

    Submissions(
            TransactionTemplate transaction,
            NewJobs newJobs,
            Jobs jobs,
            Queues queues,
            IdempotencyKeys keys,
            ApplicationEventPublisher events,
            Clock clock,
            MeterRegistry meters) {
        this.transaction = transaction;
        this.newJobs = newJobs;
        this.jobs = jobs;
        this.queues = queues;
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

    /** A job as it was committed. */
    public record StoredJob(Job job, List<TaskRoleRow> roles) {}

    /** Reads a text as a submission would, and stores nothing. */
    public ParsedSpec check(byte[] text) {
        var parsed = reader.read(text);
        transaction.executeWithoutResult(status -> {
            sources(parsed.spec(), text);
            if (isUnknown(parsed.spec().queue())) {
                throw new SpecException(List.of(unknownQueue(parsed.spec(), text)));
            }
        });
        return parsed;
    }

    public Accepted submit(Submission submission) {
        var parsed = reader.read(submission.text());
        for (var round = 1; ; round++) {
            try {
                var accepted = Objects.requireNonNull(transaction.execute(status -> store(submission, parsed)));
                if (!accepted.repeated()) {
                    count(parsed.spec());
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
        var spec = parsed.spec();
        var now = clock.instant();
        var job = new Job(
                JobId.next(),
                new Job.Submitted(
                        spec.name(),
                        submission.owner(),
                        spec.queue(),
                        spec.kind(),
                        spec.priority(),
                        spec.description(),
                        submission.text(),
                        submission.mediaType(),
                        sources(spec, submission.text()),
                        spec.total()),
                now);
        var roles = new ArrayList<TaskRoleRow>();
        for (var role : spec.taskRoles()) {
            roles.add(new TaskRoleRow(
                    job.id(), roles.size(), role.name(), role.taskNumber(), role.perTask(), role.image()));
        }
        var key = submission.idempotencyKey() == null
                ? null
                : new IdempotencyKey(
                        submission.owner(), submission.idempotencyKey(), digest(submission.text()), job.id(), now);
        var whenHeld = new NewJobs.Held(WaitReason.ON_HOLD.code(), QueueControl.heldSentence(spec.queue()));
        if (!newJobs.store(job, roles, key, whenHeld)) {
            throw new SpecException(List.of(unknownQueue(spec, submission.text())));
        }
        events.publishEvent(JobChanged.of(job));
        return new Accepted(job.id(), new StoredJob(job, roles), parsed.assumptions());
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

    /** The jobs whose artifacts the text mounts; all that it refers to and that is not there is told at once. */
    private Map<String, JobId> sources(JobSpec spec, byte[] text) {
        var faults = new ArrayList<Fault>();
        var sources = new HashMap<String, JobId>();
        for (var i = 0; i < spec.mounts().size(); i++) {
            if (spec.mounts().get(i) instanceof Mount.Artifacts artifacts) {
                var source = jobs.newestSucceeded(artifacts.job().value());
                if (source.isPresent()) {
                    sources.put(artifacts.name(), source.get().id());
                } else {
                    faults.add(UnknownReference.at(
                            text,
                            "mounts[%d].artifacts".formatted(i),
                            "no job named '%s' has succeeded, so there are no artifacts to mount"
                                    .formatted(artifacts.job()),
                            artifacts.job().value(),
                            List.of()));
                }
            }
        }
        if (!faults.isEmpty()) {
            if (isUnknown(spec.queue())) {
                faults.addFirst(unknownQueue(spec, text));
            }
            throw new SpecException(faults);
        }
        return sources;
    }

    private boolean isUnknown(QueueName queue) {
        return queues.findById(queue.value()).isEmpty();
    }

    private Fault unknownQueue(JobSpec spec, byte[] text) {
        var known = queues.all().stream().map(queue -> queue.name().value()).toList();
        return UnknownReference.at(
                text,
                "queue",
                "there is no queue '%s'".formatted(spec.queue()),
                spec.queue().value(),
                known);
    }

    private static String digest(byte[] text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }
}
