package io.shusuan.scheduler.job;

import io.shusuan.db.job.Eviction;
import io.shusuan.db.job.Job;
import io.shusuan.db.job.ObservedTasks.SeenAttempt;
import io.shusuan.db.job.ObservedTasks.SeenTask;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is to be written of one job: the job itself, which was read to be changed, and what was seen of its tasks. */
final class Draft {

    private final Job job;
    private final List<SeenAttempt> attempts = new ArrayList<>();
    private final List<SeenTask> tasks = new ArrayList<>();
    private final List<Eviction> evictions = new ArrayList<>();
    private @Nullable LeftOut leftOut;
    private AllTasks allTasks = AllTasks.STAY;

    Draft(Job job) {
        this.job = job;
    }

    /** What becomes of all tasks of a job, after what was seen of them. */
    enum AllTasks {
        STAY,
        /** Those that were under way are stopped. */
        SETTLE,
        /** They are to begin. */
        RESET
    }

    /** With how many tasks of each role a job begins, and what the others are told. */
    record LeftOut(Map<String, Integer> tasks, String message) {}

    Job job() {
        return job;
    }

    void attempts(List<SeenAttempt> seen) {
        attempts.addAll(seen);
    }

    void tasks(List<SeenTask> seen) {
        tasks.addAll(seen);
    }

    void allTasks(AllTasks become) {
        allTasks = become;
    }

    void leaveOut(LeftOut others) {
        leftOut = others;
    }

    void evicted(Eviction eviction) {
        evictions.add(eviction);
    }

    List<SeenAttempt> attempts() {
        return attempts;
    }

    List<SeenTask> tasks() {
        return tasks;
    }

    List<Eviction> evictions() {
        return evictions;
    }

    @Nullable
    LeftOut leftOut() {
        return leftOut;
    }

    AllTasks allTasks() {
        return allTasks;
    }
}
