package io.shusuan.web.job;

import io.shusuan.api.security.Caller;
import io.shusuan.db.job.IdleWarning;
import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobSummary;
import io.shusuan.db.job.Placed;
import io.shusuan.db.job.Resources;
import io.shusuan.db.job.TaskRoleRow;
import io.shusuan.db.queue.PriorityClassName;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What stands above the tabs of a job.
 *
 * @param held what it has now, if that is less than it asks for
 * @param priorityClass whose value its priority is
 * @param position in its queue while it waits, from 1
 * @param estimate while it waits, if something can be told
 * @param idle that its GPUs do nothing, if it was warned of that
 * @param control what the viewer may do to it
 */
record JobHead(
        JobSummary job,
        @Nullable Resources held,
        @Nullable String description,
        @Nullable PriorityClassName priorityClass,
        @Nullable Long position,
        @Nullable Estimate estimate,
        @Nullable IdleWarning idle,
        @Nullable String condition,
        @Nullable Instant conditionSince,
        @Nullable Instant admittedAt,
        Control control) {

    /** Whether a viewer may use the buttons, and whether they would do anything now. */
    record Control(boolean mine, boolean active, boolean stopping) {

        static Control of(Job job, Caller caller) {
            return new Control(
                    caller.mayChange(job.owner()),
                    job.state().isActive(),
                    job.state() == io.shusuan.db.job.JobState.STOPPING);
        }

        /** The key of the sentence that says why the button is disabled; null if it is not. */
        public @Nullable String whyNoStop() {
            if (!mine) {
                return "job.notYours";
            }
            if (!active) {
                return "job.stop.ended";
            }
            return stopping ? "job.stop.already" : null;
        }

        public @Nullable String whyNoDelete() {
            if (!mine) {
                return "job.notYours";
            }
            return active ? "job.delete.active" : null;
        }

        public @Nullable String whyNoAgain() {
            return active ? "job.again.active" : null;
        }
    }

    static JobHead of(
            Job job, List<TaskRoleRow> roles, @Nullable Long position, @Nullable Estimate estimate, Caller caller) {
        return new JobHead(
                JobRows.summary(job),
                held(job, roles),
                job.description(),
                job.priorityClass(),
                position,
                estimate,
                job.idle(),
                job.condition() == null ? null : job.condition().message(),
                job.condition() == null ? null : job.condition().since(),
                job.admittedAt(),
                Control.of(job, caller));
    }

    private static @Nullable Resources held(Job job, List<TaskRoleRow> roles) {
        var held = roles.stream()
                .map(role -> role.perTask().times(Placed.tasksOf(role.name(), job.placement())))
                .reduce(Resources.NONE, Resources::plus);
        return held.equals(Resources.NONE) || held.equals(job.total()) ? null : held;
    }
}
