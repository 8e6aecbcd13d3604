package io.shusuan.web.job;

import io.shusuan.db.job.Task;
import io.shusuan.db.job.TaskAttempt;
import io.shusuan.db.job.TaskState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A task with its tries, the newest first.
 *
 * @param name as logs and sentences call it, e.g. {@code train-0}
 */
record TaskView(
        String name,
        TaskState state,
        boolean ready,
        @Nullable String message,
        List<Try> tries) {

    /** One attempt. */
    record Try(String uid, int number, TaskAttempt.Report report) {}

    static List<TaskView> of(List<Task> tasks, List<TaskAttempt> attempts) {
        var tries = new HashMap<String, List<Try>>();
        attempts.forEach(
                attempt -> tries.computeIfAbsent(attempt.role() + "-" + attempt.index(), task -> new ArrayList<>())
                        .add(new Try(attempt.uid(), attempt.number(), attempt.report())));
        tries.values()
                .forEach(of -> of.sort(Comparator.comparingInt(Try::number).reversed()));
        return tasks.stream()
                .map(task -> new TaskView(
                        task.name(),
                        task.state(),
                        task.ready(),
                        task.message(),
                        tries.getOrDefault(task.name(), List.of())))
                .toList();
    }
}
