package io.shusuan.scheduler.spec;

import io.shusuan.db.job.JobKind;
import io.shusuan.db.job.JobName;
import io.shusuan.db.job.Placed;
import io.shusuan.db.job.Resources;
import io.shusuan.db.queue.PriorityClassName;
import io.shusuan.db.queue.QueueName;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a submitted text asks for, with every default spelled out.
 *
 * @param priority unless there is a class
 * @param priorityClass whose value is its priority, whatever that is then
 * @param restartToGrow whether it begins anew, once there is room for more tasks than it has begun with
 */
public record JobSpec(
        JobName name,
        JobKind kind,
        @Nullable String description,
        QueueName queue,
        int priority,
        @Nullable PriorityClassName priorityClass,
        @Nullable Duration timeLimit,
        @Nullable Topology topology,
        boolean restartToGrow,
        Map<String, String> env,
        List<String> imagePullSecrets,
        List<Mount> mounts,
        @Nullable Ingress ingress,
        ServiceType serviceType,
        List<TaskRole> taskRoles) {

    public JobSpec {
        env = Collections.unmodifiableMap(new LinkedHashMap<>(env)); // in the order of the text
        imagePullSecrets = List.copyOf(imagePullSecrets);
        mounts = List.copyOf(mounts);
        taskRoles = List.copyOf(taskRoles);
    }

    /** What the whole gang asks for. */
    public Resources total() {
        return taskRoles.stream()
                .map(role -> role.perTask().times(role.taskNumber()))
                .reduce(Resources.NONE, Resources::plus);
    }

    /** The same job with as many tasks as were placed: what runs of an elastic role may be fewer than it asks for. */
    public JobSpec placed(List<Placed> placement) {
        if (placement.isEmpty() || taskRoles.stream().noneMatch(TaskRole::isElastic)) {
            return this;
        }
        return new JobSpec(
                name,
                kind,
                description,
                queue,
                priority,
                priorityClass,
                timeLimit,
                topology,
                restartToGrow,
                env,
                imagePullSecrets,
                mounts,
                ingress,
                serviceType,
                taskRoles.stream()
                        .map(role -> role.with(Placed.tasksOf(role.name(), placement)))
                        .toList());
    }

    /** Of how many kinds its tasks are to whoever admits them: those of two roles are alike that ask for the same, on the same nodes, with the same ports. */
    public int kindsOfTasks() {
        record Kind(Resources perTask, NodeChoice nodes, List<Integer> ports) {}
        return Math.toIntExact(taskRoles.stream()
                .map(role -> new Kind(
                        role.perTask(),
                        role.nodes(),
                        role.ports().stream().map(TaskPort::number).toList()))
                .distinct()
                .count());
    }

    public int taskCount() {
        return taskRoles.stream().mapToInt(TaskRole::taskNumber).sum();
    }
}
