package io.shusuan.scheduler.spec;

import io.shusuan.db.job.Resources;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A group of like tasks of a job: how many, what each asks for, what each runs.
 *
 * @param minTaskNumber with how many of them the job may begin; fewer than all for an elastic role
 * @param readiness what tells that a task can answer; null, if taking connections on its first port does
 */
public record TaskRole(
        String name,
        int taskNumber,
        int minTaskNumber,
        Resources perTask,
        NodeChoice nodes,
        String command,
        @Nullable String image,
        List<TaskPort> ports,
        @Nullable Readiness readiness,
        Map<String, String> env) {

    public TaskRole {
        ports = List.copyOf(ports);
        env = Collections.unmodifiableMap(new LinkedHashMap<>(env)); // in the order of the text
    }

    public boolean isElastic() {
        return minTaskNumber < taskNumber;
    }

    /** The same role with what the platform runs in it, and more variables for that. */
    TaskRole running(String program, Map<String, String> more) {
        var all = new LinkedHashMap<>(env);
        all.putAll(more);
        return new TaskRole(name, taskNumber, minTaskNumber, perTask, nodes, program, image, ports, readiness, all);
    }

    TaskRole with(int tasks) {
        return new TaskRole(name, tasks, tasks, perTask, nodes, command, image, ports, readiness, env);
    }
}
