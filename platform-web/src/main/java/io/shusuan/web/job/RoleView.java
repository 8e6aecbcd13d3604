package io.shusuan.web.job;

import io.shusuan.db.job.Resources;
import io.shusuan.db.job.TaskRoleRow;
import org.jspecify.annotations.Nullable;

/** What a task role asks for. */
record RoleView(
        String name, int tasks, Resources perTask, @Nullable String image) {

    static RoleView of(TaskRoleRow role) {
        return new RoleView(role.name(), role.taskNumber(), role.perTask(), role.image());
    }
}
