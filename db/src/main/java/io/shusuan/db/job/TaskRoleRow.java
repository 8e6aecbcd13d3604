package io.shusuan.db.job;

import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A task role of a stored job, as lists and reports need it; the submitted text says the rest. */
@Entity
@Table(name = "task_roles")
public class TaskRoleRow {

    @EmbeddedId
    @SuppressWarnings("UnusedVariable") // read by queries only
    private Key key;

    private String name;
    private int taskNumber;
    private @Nullable Integer minTaskNumber;
    private long milliCpus;
    private long memoryMib;
    private int gpus;
    private @Nullable String image;
    private @Nullable String readinessPort;
    private @Nullable String readinessPath;

    protected TaskRoleRow() {}

    public TaskRoleRow(
            JobId job,
            int ordinal,
            String name,
            int taskNumber,
            int minTaskNumber,
            Resources perTask,
            @Nullable String image,
            @Nullable Readiness readiness) {
        this.key = new Key(job.value(), ordinal);
        this.name = name;
        this.taskNumber = taskNumber;
        this.minTaskNumber = minTaskNumber == taskNumber ? null : minTaskNumber;
        this.milliCpus = perTask.milliCpus();
        this.memoryMib = perTask.memoryMiB();
        this.gpus = perTask.gpus();
        this.image = image;
        this.readinessPort = readiness == null ? null : readiness.port();
        this.readinessPath = readiness == null ? null : readiness.path();
    }

    /** A path that tells whether a task can answer, asked for at the port of that name. */
    public record Readiness(String path, String port) {}

    public String name() {
        return name;
    }

    public int taskNumber() {
        return taskNumber;
    }

    /** With how many of its tasks the job may begin. */
    public int minTaskNumber() {
        return minTaskNumber == null ? taskNumber : minTaskNumber;
    }

    public Resources perTask() {
        return new Resources(milliCpus, memoryMib, gpus);
    }

    public @Nullable String image() {
        return image;
    }

    /** Nothing, if taking connections on the first port tells. */
    public @Nullable Readiness readiness() {
        return readinessPath == null || readinessPort == null ? null : new Readiness(readinessPath, readinessPort);
    }

    @Embeddable
    record Key(UUID jobId, int ordinal) {}
}
