package io.shusuan.web.job;

import io.shusuan.db.job.Placed;
import io.shusuan.db.job.Resources;
import io.shusuan.db.job.TaskRoleRow;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a task role asks for.
 *
 * @param minimum with how many tasks it may begin
 * @param held how many it has now
 * @param readiness the path that tells whether a task can answer
 */
record RoleView(
        String name,
        int tasks,
        int minimum,
        int held,
        Resources perTask,
        @Nullable String image,
        TaskRoleRow.@Nullable Readiness readiness) {

    static RoleView of(TaskRoleRow role, List<Placed> placement) {
        return new RoleView(
                role.name(),
                role.taskNumber(),
                role.minTaskNumber(),
                Placed.tasksOf(role.name(), placement),
                role.perTask(),
                role.image(),
                role.readiness());
    }
}
