package io.shusuan.db.job;

import io.shusuan.db.queue.Delegate;
import io.shusuan.db.queue.PriorityClassName;
import io.shusuan.db.queue.QueueName;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Transient;
import jakarta.persistence.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.hibernate.annotations.Immutable;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

/**
 * A submitted job. It owns its transitions: each checks the state it leaves and tells an event. Read by JPA; what has become of it
 * {@link JobChanges} writes.
 */
@Entity
@Table(name = "jobs")
@Immutable
public class Job {

    @Id
    private UUID id;

    private String name;
    private String owner;
    private String queue;

    @Enumerated(EnumType.STRING)
    private JobKind kind;

    @Enumerated(EnumType.STRING)
    private JobState state;

    private int priority;
    private @Nullable String priorityClass;
    private @Nullable String description;

    private byte[] spec;

    private String specMediaType;

    @JdbcTypeCode(SqlTypes.JSON)
    private Map<String, UUID> artifactSources;

    private long milliCpus;
    private long memoryMib;
    private int gpus;
    private @Nullable String reason;
    private @Nullable String message;

    @Embedded
    private @Nullable Condition condition;

    @Embedded
    private @Nullable IdleWarning idle;

    @Enumerated(EnumType.STRING)
    private @Nullable JobState endingAs;

    @Enumerated(EnumType.STRING)
    private Delegate.@Nullable Scheduler delegateScheduler;

    private @Nullable String delegateQueue;

    @Embedded
    private Tenure tenure = new Tenure();

    private Instant createdAt;
    private @Nullable Instant admittedAt;
    private @Nullable Instant startedAt;
    private @Nullable Instant finishedAt;

    @JdbcTypeCode(SqlTypes.JSON)
    private @Nullable List<Placed> placement;

    @Version
    private @Nullable Long version;

    @Transient
    private final List<Told> told = new ArrayList<>();

    protected Job() {}

    /** A job as it is submitted: queued. */
    public Job(JobId id, Submitted submitted, Instant now) {
        this.id = id.value();
        this.name = submitted.name().value();
        this.owner = submitted.owner();
        this.queue = submitted.queue().value();
        this.kind = submitted.kind();
        this.state = JobState.QUEUED;
        this.priority = submitted.priority();
        this.priorityClass = submitted.priorityClass() == null
                ? null
                : submitted.priorityClass().value();
        this.description = submitted.description();
        this.spec = submitted.text().clone();
        this.specMediaType = submitted.mediaType();
        this.artifactSources = new HashMap<>();
        submitted.artifactSources().forEach((mount, source) -> artifactSources.put(mount, source.value()));
        this.milliCpus = submitted.total().milliCpus();
        this.memoryMib = submitted.total().memoryMiB();
        this.gpus = submitted.total().gpus();
        this.createdAt = now;
        told.add(new Told(
                now, JobEvent.Type.NORMAL, "Submitted", "submitted by %s to queue %s".formatted(owner, queue)));
    }

    /**
     * Gives it another place in the line, or other jobs that it may evict or be evicted for.
     *
     * @param of whose value that is; null for a number of its own
     */
    public void prioritise(int value, @Nullable PriorityClassName of, String who, Instant now) {
        require("be given another priority", JobState.ACTIVE);
        var before = priorityInWords();
        priority = value;
        priorityClass = of == null ? null : of.value();
        tell(now, "PriorityChanged", "%s changed its priority from %s to %s".formatted(who, before, priorityInWords()));
    }

    private String priorityInWords() {
        return priorityClass == null ? Integer.toString(priority) : "%d (%s)".formatted(priority, priorityClass);
    }

    /** Why a job waits. Told as an event only when the reason changes, since the numbers in the sentence move. */
    public void waitsBecause(String newReason, String newMessage, Instant now) {
        require("wait", EnumSet.of(JobState.QUEUED, JobState.SUSPENDED));
        var news = !newReason.equals(reason);
        because(newReason, newMessage);
        if (news) {
            tell(now, newReason, newMessage);
        }
    }

    /**
     * Gives it resources: these nodes.
     *
     * @param grace what its tasks are given to save their work, should it be evicted
     * @param readyWithin how long it may take until all of them are ready; null for any time
     */
    public void admit(List<Placed> where, Duration grace, @Nullable Duration readyWithin, Instant now) {
        move(JobState.ADMITTED, EnumSet.of(JobState.QUEUED));
        placement = List.copyOf(where);
        tenure.begin(grace, readyWithin == null ? null : now.plus(readyWithin));
        admittedAt = now;
        because(null, null);
        tell(now, "Admitted", "admitted: %s".formatted(total()));
    }

    /**
     * Hands it to another scheduler, which admits it when it likes.
     *
     * @param grace what its tasks are given to save their work, should it be taken back from there
     */
    public void delegate(Delegate to, Duration grace, Instant now) {
        move(JobState.SUSPENDED, EnumSet.of(JobState.QUEUED));
        delegateScheduler = to.scheduler();
        delegateQueue = to.queue();
        tenure.begin(grace, null);
        because(null, null);
        tell(now, "Delegated", "handed to %s".formatted(to));
    }

    /** The scheduler that it was handed to has admitted it: its tasks begin. */
    public void resume(Instant now) {
        move(JobState.STARTING, EnumSet.of(JobState.SUSPENDED));
        admittedAt = now;
        because(null, null);
        tell(now, "Admitted", "admitted by %s".formatted(delegate()));
    }

    /** The scheduler that had admitted it has taken that back: its tasks end, and it waits there again, in the same run. */
    public void suspend(String why, String sentence, Instant now) {
        move(JobState.SUSPENDED, EnumSet.of(JobState.STARTING, JobState.RUNNING));
        placement = null;
        admittedAt = null;
        startedAt = null;
        because(why, sentence);
        warn(now, "Evicted", sentence);
    }

    /** Takes it back from the scheduler that it was handed to, and that has not admitted it. */
    public void withdraw(String sentence, Instant now) {
        move(JobState.STOPPING, EnumSet.of(JobState.SUSPENDED));
        endingAs = JobState.QUEUED;
        tenure.evict(null, now);
        because("Withdrawn", sentence);
        tell(now, "Withdrawn", sentence);
    }

    /** Its tasks are elsewhere than they were meant to be: it holds what it really has. */
    public void moved(List<Placed> where, Instant now) {
        require("move", JobState.HOLDING);
        placement = List.copyOf(where);
        tell(
                now,
                "Moved",
                "its tasks run on %s"
                        .formatted(where.stream().map(Placed::node).distinct().collect(Collectors.joining(", "))));
    }

    public void starting(String cluster, Instant now) {
        move(JobState.STARTING, EnumSet.of(JobState.ADMITTED));
        tell(now, "Starting", "handed to the %s cluster".formatted(cluster));
    }

    public void running(Instant now) {
        move(JobState.RUNNING, EnumSet.of(JobState.STARTING));
        startedAt = now;
        tenure.ready();
        because(null, null);
        tell(now, "Running", "all tasks run");
    }

    /** What people should know of a job that holds resources, e.g. how many of its replicas are ready. */
    public void progress(@Nullable String newReason, @Nullable String newMessage) {
        require("progress", JobState.HOLDING);
        because(newReason, newMessage);
    }

    /** Begins the end of what the cluster has something of; a job that only waits here is stopped at once. */
    public void stop(String who, Instant now) {
        tell(now, "StopRequested", "stop asked for by %s".formatted(who));
        if (state == JobState.QUEUED) {
            finish(JobState.STOPPED, "StoppedByUser", "stopped by %s before it was admitted".formatted(who), now, now);
            return;
        }
        if (!isEvicted()) { // what leaves for others has been told to end already, and now does not come back
            move(JobState.STOPPING, JobState.ENDABLE);
        }
        endingAs = JobState.STOPPED;
        because("StoppedByUser", "stopped by %s".formatted(who));
    }

    /** Begins the end of a job that has failed while some of its tasks may still run. */
    public void failing(String why, String sentence, Instant now) {
        move(JobState.STOPPING, JobState.ENDABLE);
        endingAs = JobState.FAILED;
        because(why, sentence);
        warn(now, why, sentence);
    }

    /** Warns that all its GPUs do nothing. */
    public void warnIdle(IdleWarning warning, Instant now) {
        require("be warned of idle GPUs", EnumSet.of(JobState.RUNNING));
        idle = warning;
        warn(now, "IdleGpus", warning.message());
    }

    /** The warning does not hold any more. */
    public void withdrawIdle(String sentence, Instant now) {
        if (idle != null) {
            idle = null;
            tell(now, "IdleOver", sentence);
        }
    }

    /** Begins its end, since all its GPUs did nothing for too long. */
    public void stopIdle(String sentence, Instant now) {
        move(JobState.STOPPING, EnumSet.of(JobState.RUNNING));
        endingAs = JobState.STOPPED;
        because("StoppedIdle", sentence);
        warn(now, "StoppedIdle", sentence);
    }

    /**
     * Takes back what it holds: its tasks end, and then it waits again where it stood.
     *
     * @param preemptor for whom; null, if it is for nobody
     */
    public void evict(@Nullable JobId preemptor, String sentence, Instant now) {
        move(JobState.STOPPING, JobState.GOING);
        endingAs = JobState.QUEUED;
        tenure.evict(preemptor, now);
        because("Evicted", sentence);
        warn(now, "Evicted", sentence);
    }

    /** Takes back what it holds, since its tasks did not become ready; it is tried again, later each time. */
    public void evictUnready(String sentence, Instant now) {
        evict(null, sentence, now);
        tenure.standAside(now);
    }

    /** All tasks of an evicted job are gone. Its next run begins when it is its turn again. */
    public void requeue(Instant now) {
        require("wait again", EnumSet.of(JobState.STOPPING));
        state = JobState.QUEUED;
        endingAs = null;
        delegateScheduler = null;
        delegateQueue = null;
        tenure.end();
        placement = null;
        admittedAt = null;
        startedAt = null;
        tell(now, "Requeued", "waits again at its old place in the line");
    }

    /** All tasks of a stopping job are gone; if the cluster knows when the last one went, that is the job's end. */
    public void stopped(@Nullable Instant ended, Instant now) {
        require("end", EnumSet.of(JobState.STOPPING));
        finish(
                Objects.requireNonNull(endingAs),
                Objects.requireNonNullElse(reason, "StoppedByUser"),
                Objects.requireNonNullElse(message, "stopped"),
                new Window(startedAt == null ? admittedAt : startedAt, now).nearest(ended),
                now);
    }

    /** The tasks' own times count, since they may have ended while nobody looked; missing ones are those of now. */
    public void succeeded(@Nullable Instant begun, @Nullable Instant ended, Instant now) {
        require("succeed", EnumSet.of(JobState.STARTING, JobState.RUNNING, JobState.STOPPING));
        if (startedAt == null) {
            startedAt = new Window(admittedAt, now).nearest(begun);
        }
        finish(JobState.SUCCEEDED, "Completed", "all tasks succeeded", new Window(startedAt, now).nearest(ended), now);
    }

    /** Its end may lie back; what is told of it is told now, behind all that was told before. */
    private void finish(JobState end, String why, String sentence, Instant ended, Instant now) {
        state = end;
        idle = null;
        finishedAt = ended;
        placement = null;
        because(why, sentence);
        condition = null;
        if (end == JobState.FAILED) {
            warn(now, "Failed", sentence);
        } else {
            tell(now, end == JobState.SUCCEEDED ? "Succeeded" : "Stopped", sentence);
        }
    }

    /** Something that disturbs the job without changing what is wanted of it. */
    public void disturbed(String why, String sentence, Instant now) {
        if (condition != null && condition.reason().equals(why)) {
            condition = new Condition(why, sentence, condition.since());
        } else {
            condition = new Condition(why, sentence, now);
            warn(now, why, sentence);
        }
    }

    public void undisturbed(Instant now) {
        if (condition != null) {
            tell(now, "Recovered", "over: %s".formatted(condition.message()));
            condition = null;
        }
    }

    public void tell(Instant at, String why, String sentence) {
        told.add(new Told(at, JobEvent.Type.NORMAL, why, sentence));
    }

    public void warn(Instant at, String why, String sentence) {
        told.add(new Told(at, JobEvent.Type.WARNING, why, sentence));
    }

    /** An event that is yet to be written. */
    record Told(Instant at, JobEvent.Type type, String reason, String message) {}

    /** What was told of it since it was read, or submitted. */
    List<Told> told() {
        return told;
    }

    /** Whether anything was told of it that is yet to be written. */
    public boolean hasNews() {
        return !told.isEmpty();
    }

    /** It is as it is written. */
    void written(long newVersion) {
        version = newVersion;
        told.clear();
    }

    private void because(@Nullable String why, @Nullable String sentence) {
        reason = why;
        message = sentence;
    }

    private void move(JobState to, Set<JobState> from) {
        require("become " + to, from);
        state = to;
        idle = null; // a warning is about what runs
    }

    private void require(String what, Set<JobState> allowed) {
        if (!allowed.contains(state)) {
            throw new WrongStateException(id(), state, what);
        }
    }

    /** One more with each change of this row. */
    public long version() {
        return version == null ? 0 : version;
    }

    public JobId id() {
        return new JobId(id);
    }

    public JobName name() {
        return new JobName(name);
    }

    public String owner() {
        return owner;
    }

    public QueueName queue() {
        return new QueueName(queue);
    }

    public JobKind kind() {
        return kind;
    }

    public JobState state() {
        return state;
    }

    public int priority() {
        return priority;
    }

    public @Nullable PriorityClassName priorityClass() {
        return priorityClass == null ? null : new PriorityClassName(priorityClass);
    }

    public @Nullable String description() {
        return description;
    }

    public byte[] spec() {
        return spec.clone();
    }

    public String specMediaType() {
        return specMediaType;
    }

    public Map<String, JobId> artifactSources() {
        var sources = new HashMap<String, JobId>();
        artifactSources.forEach((mount, source) -> sources.put(mount, new JobId(source)));
        return sources;
    }

    @Nullable
    JobState endingAs() {
        return endingAs;
    }

    @Nullable
    List<Placed> placed() {
        return placement;
    }

    /** Where its tasks are or shall be; empty while it holds nothing. */
    public List<Placed> placement() {
        return placement == null ? List.of() : placement;
    }

    public Resources total() {
        return new Resources(milliCpus, memoryMib, gpus);
    }

    public @Nullable String reason() {
        return reason;
    }

    public @Nullable String message() {
        return message;
    }

    /** What disturbs it, if anything does. */
    public @Nullable Condition condition() {
        return condition;
    }

    /** That its GPUs do nothing, where its queue wants to know. */
    public @Nullable IdleWarning idle() {
        return idle;
    }

    /** Whom it was handed to; nobody, if the platform itself admits it. */
    public @Nullable Delegate delegate() {
        return delegateScheduler == null || delegateQueue == null
                ? null
                : new Delegate(delegateScheduler, delegateQueue);
    }

    /** What it was granted, and what was taken from it. */
    public Tenure tenure() {
        return tenure;
    }

    public int run() {
        return tenure.run();
    }

    /** Whether it leaves to come back. */
    public boolean isEvicted() {
        return endingAs == JobState.QUEUED;
    }

    public Instant createdAt() {
        return createdAt;
    }

    public @Nullable Instant admittedAt() {
        return admittedAt;
    }

    public @Nullable Instant startedAt() {
        return startedAt;
    }

    public @Nullable Instant finishedAt() {
        return finishedAt;
    }
}
