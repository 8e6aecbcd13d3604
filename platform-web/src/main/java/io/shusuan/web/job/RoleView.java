package io.shusuan.web.job;

import io.shusuan.db.job.Resources;
import io.shusuan.db.job.TaskRoleRow;
import org.jspecify.annotations.Nullable;

/**
 * What a task role asks for.
 *
 * @param minimum with how many tasks it may begin
 * @param readiness the path that tells whether a task can answer
 */
record RoleView(
        String name,
        int tasks,
        int minimum,
        Resources perTask,
        @Nullable String image,
        TaskRoleRow.@Nullable Readiness readiness) {

    static RoleView of(TaskRoleRow role) {
        return new RoleView(
                role.name(), role.taskNumber(), role.minTaskNumber(), role.perTask(), role.image(), role.readiness());
    }
}
