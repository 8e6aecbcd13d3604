package io.shusuan.web.job;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Task;
import io.shusuan.db.job.TaskAttempts;
import io.shusuan.db.job.TaskRoleRow;
import io.shusuan.db.job.TaskRoles;
import io.shusuan.db.job.Tasks;
import java.util.List;
import org.springframework.stereotype.Component;

/** The tasks of a job as a page bears them: a job may have ten thousand, and nobody reads so many. */
@Component
class JobTasks {

    private static final int MOST = 200;

    private final Tasks tasks;
    private final TaskAttempts attempts;
    private final TaskRoles roles;

    JobTasks(Tasks tasks, TaskAttempts attempts, TaskRoles roles) {
        this.tasks = tasks;
        this.attempts = attempts;
        this.roles = roles;
    }

    /**
     * Those that are shown, the failed ones first.
     *
     * @param more how many there are besides
     */
    record Shown(List<TaskView> tasks, int more) {}

    Shown of(JobId job) {
        var found = tasks.failedFirst(job, MOST);
        var tried = attempts.of(job, found.stream().map(Task::name).toList());
        var all = roles.of(job).stream().mapToInt(TaskRoleRow::taskNumber).sum();
        return new Shown(TaskView.of(found, tried), all - found.size());
    }
}
