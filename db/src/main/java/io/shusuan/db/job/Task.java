package io.shusuan.db.job;

import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Table;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One task of a job: a place in a task role, filled by one attempt after another. Written by {@link ObservedTasks} only. */
@Entity
@Table(name = "tasks")
public class Task {

    @EmbeddedId
    private Key key;

    @Enumerated(EnumType.STRING)
    private TaskState state;

    private boolean ready;
    private @Nullable String message;

    protected Task() {}

    public String role() {
        return key.role();
    }

    public int index() {
        return key.taskIndex();
    }

    /** As logs and sentences call it, e.g. {@code train-0}. */
    public String name() {
        return key.role() + "-" + key.taskIndex();
    }

    public TaskState state() {
        return state;
    }

    public boolean ready() {
        return ready;
    }

    public @Nullable String message() {
        return message;
    }

    @Embeddable
    record Key(UUID jobId, String role, int taskIndex) {}
}
