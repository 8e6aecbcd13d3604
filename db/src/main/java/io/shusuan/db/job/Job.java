package io.shusuan.db.job;

import io.shusuan.db.queue.QueueName;
import jakarta.persistence.CascadeType;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.OneToMany;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
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
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

/** A submitted job. It owns its transitions: each checks the state it leaves and tells an event. */
@Entity
@Table(name = "jobs")
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
    private @Nullable String conditionReason;
    private @Nullable String conditionMessage;
    private @Nullable Instant conditionSince;

    @Enumerated(EnumType.STRING)
    private @Nullable JobState endingAs;

    private Instant createdAt;
    private @Nullable Instant admittedAt;
    private @Nullable Instant startedAt;
    private @Nullable Instant finishedAt;

    @JdbcTypeCode(SqlTypes.JSON)
    private @Nullable List<Placed> placement;

    @Version
    private @Nullable Long version;

    @OneToMany(mappedBy = "job", fetch = FetchType.LAZY, cascade = CascadeType.PERSIST)
    private List<JobEvent> events = new ArrayList<>();

    protected Job() {}

    /** A job as it is submitted: queued. */
    @SuppressWarnings("this-escape") // its first event points back to it
    public Job(JobId id, Submitted submitted, Instant now) {
        this.id = id.value();
        this.name = submitted.name().value();
        this.owner = submitted.owner();
        this.queue = submitted.queue().value();
        this.kind = submitted.kind();
        this.state = JobState.QUEUED;
        this.priority = submitted.priority();
        this.description = submitted.description();
        this.spec = submitted.text().clone();
        this.specMediaType = submitted.mediaType();
        this.artifactSources = new HashMap<>();
        submitted.artifactSources().forEach((mount, source) -> artifactSources.put(mount, source.value()));
        this.milliCpus = submitted.total().milliCpus();
        this.memoryMib = submitted.total().memoryMiB();
        this.gpus = submitted.total().gpus();
        this.createdAt = now;
        tell(now, "Submitted", "submitted by %s to queue %s".formatted(owner, queue));
    }

    /** What a job is made of. */
    public record Submitted(
            JobName name,
            String owner,
            QueueName queue,
            JobKind kind,
            int priority,
            @Nullable String description,
            byte[] text,
            String mediaType,
            Map<String, JobId> artifactSources,
            Resources total) {}

    /** Why a queued job waits. Told as an event only when the reason changes, since the numbers in the sentence move. */
    public void waitsBecause(String newReason, String newMessage, Instant now) {
        require("wait", EnumSet.of(JobState.QUEUED));
        var news = !newReason.equals(reason);
        because(newReason, newMessage);
        if (news) {
            tell(now, newReason, newMessage);
        }
    }

    /** Gives it resources: these nodes. */
    public void admit(List<Placed> where, Instant now) {
        move(JobState.ADMITTED, EnumSet.of(JobState.QUEUED));
        placement = List.copyOf(where);
        admittedAt = now;
        because(null, null);
        tell(now, "Admitted", "admitted: %s".formatted(total()));
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
        because(null, null);
        tell(now, "Running", "all tasks run");
    }

    /** What people should know of a job that holds resources, e.g. how many of its replicas are ready. */
    public void progress(@Nullable String newReason, @Nullable String newMessage) {
        require("progress", JobState.HOLDING);
        because(newReason, newMessage);
    }

    /** Begins the end of what holds resources; a job that only waits is stopped at once. */
    public void stop(String who, Instant now) {
        if (state == JobState.QUEUED || state == JobState.SUSPENDED) {
            tell(now, "StopRequested", "stop asked for by %s".formatted(who));
            finish(JobState.STOPPED, "StoppedByUser", "stopped by %s before it was admitted".formatted(who), now, now);
            return;
        }
        move(JobState.STOPPING, EnumSet.of(JobState.ADMITTED, JobState.STARTING, JobState.RUNNING));
        endingAs = JobState.STOPPED;
        because("StoppedByUser", "stopped by %s".formatted(who));
        tell(now, "StopRequested", "stop asked for by %s".formatted(who));
    }

    /** Begins the end of a job that has failed while some of its tasks may still run. */
    public void failing(String why, String sentence, Instant now) {
        move(JobState.STOPPING, EnumSet.of(JobState.ADMITTED, JobState.STARTING, JobState.RUNNING));
        endingAs = JobState.FAILED;
        because(why, sentence);
        warn(now, why, sentence);
    }

    /** All tasks of a stopping job are gone; if the cluster knows when the last one went, that is the job's end. */
    public void stopped(@Nullable Instant ended, Instant now) {
        require("end", EnumSet.of(JobState.STOPPING));
        finish(
                Objects.requireNonNull(endingAs),
                Objects.requireNonNullElse(reason, "StoppedByUser"),
                Objects.requireNonNullElse(message, "stopped"),
                between(startedAt == null ? admittedAt : startedAt, ended, now),
                now);
    }

    /** The tasks' own times count, since they may have ended while nobody looked; missing ones are those of now. */
    public void succeeded(@Nullable Instant begun, @Nullable Instant ended, Instant now) {
        require("succeed", EnumSet.of(JobState.STARTING, JobState.RUNNING));
        if (startedAt == null) {
            startedAt = between(admittedAt, begun, now);
        }
        finish(JobState.SUCCEEDED, "Completed", "all tasks succeeded", between(startedAt, ended, now), now);
    }

    /** Nodes have clocks of their own: what they say must not turn the order of things round. */
    private static Instant between(@Nullable Instant earliest, @Nullable Instant time, Instant latest) {
        if (time == null || time.isAfter(latest)) {
            return latest;
        }
        return earliest != null && time.isBefore(earliest) ? earliest : time;
    }

    /** Its end may lie back; what is told of it is told now, behind all that was told before. */
    private void finish(JobState end, String why, String sentence, Instant ended, Instant now) {
        state = end;
        finishedAt = ended;
        placement = null;
        because(why, sentence);
        clearCondition();
        if (end == JobState.FAILED) {
            warn(now, "Failed", sentence);
        } else {
            tell(now, end == JobState.SUCCEEDED ? "Succeeded" : "Stopped", sentence);
        }
    }

    /** Something that disturbs the job without changing what is wanted of it. */
    public void disturbed(String why, String sentence, Instant now) {
        if (!why.equals(conditionReason)) {
            conditionSince = now;
            warn(now, why, sentence);
        }
        conditionReason = why;
        conditionMessage = sentence;
    }

    public void undisturbed(Instant now) {
        if (conditionReason != null) {
            tell(now, "Recovered", "over: %s".formatted(conditionMessage));
            clearCondition();
        }
    }

    public void tell(Instant at, String why, String sentence) {
        events.add(new JobEvent(this, at, JobEvent.Type.NORMAL, why, sentence));
    }

    public void warn(Instant at, String why, String sentence) {
        events.add(new JobEvent(this, at, JobEvent.Type.WARNING, why, sentence));
    }

    /** What was told when it was submitted. */
    JobEvent firstEvent() {
        return events.getFirst();
    }

    private void clearCondition() {
        conditionReason = null;
        conditionMessage = null;
        conditionSince = null;
    }

    private void because(@Nullable String why, @Nullable String sentence) {
        reason = why;
        message = sentence;
    }

    private void move(JobState to, Set<JobState> from) {
        require("become " + to, from);
        state = to;
    }

    private void require(String what, Set<JobState> allowed) {
        if (!allowed.contains(state)) {
            throw new WrongStateException(id(), state, what);
        }
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

    public @Nullable String conditionReason() {
        return conditionReason;
    }

    public @Nullable String conditionMessage() {
        return conditionMessage;
    }

    public @Nullable Instant conditionSince() {
        return conditionSince;
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
