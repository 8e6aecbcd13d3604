package io.shusuan.scheduler.job;

import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.job.JobCheck.Change;
import io.shusuan.scheduler.queue.placement.Ask;
import io.shusuan.scheduler.queue.placement.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.Predicate;

/** Finds, of one field of the text at a time, the largest value with which a job that cannot run could. */
final class SmallestChanges {

    private final Ask ask;
    private final Predicate<Ask> couldRun;

    SmallestChanges(Ask ask, Predicate<Ask> couldRun) {
        this.ask = ask;
        this.couldRun = couldRun;
    }

    List<Change> find() {
        var changes = new ArrayList<Change>();
        for (var i = 0; i < ask.roles().size(); i++) {
            var number = i;
            var role = ask.roles().get(i);
            var each = role.perTask();
            var field = "taskRoles[%d].".formatted(i);
            add(
                    changes,
                    field + "gpuNumber",
                    0,
                    each.gpus(),
                    gpus -> with(number, sized(role, new Resources(each.milliCpus(), each.memoryMiB(), (int) gpus))));
            add(
                    changes,
                    field + "memoryMB",
                    1,
                    each.memoryMiB(),
                    memory -> with(number, sized(role, new Resources(each.milliCpus(), memory, each.gpus()))));
            add(
                    changes,
                    field + "cpuNumber",
                    1,
                    each.milliCpus() / 1000,
                    cpus -> with(number, sized(role, new Resources(1000 * cpus, each.memoryMiB(), each.gpus()))));
            add(
                    changes,
                    field + (role.isElastic() ? "minTaskNumber" : "taskNumber"),
                    1,
                    role.minimum(),
                    tasks -> with(number, fewer(role, (int) tasks)));
        }
        return changes;
    }

    private static Role sized(Role role, Resources each) {
        return new Role(role.name(), each, role.tasks(), role.minimum(), role.where());
    }

    private static Role fewer(Role role, int tasks) {
        return new Role(role.name(), role.perTask(), role.isElastic() ? role.tasks() : tasks, tasks, role.where());
    }

    private Ask with(int number, Role role) {
        var roles = new ArrayList<>(ask.roles());
        roles.set(number, role);
        return new Ask(roles, ask.proximity(), ask.packing());
    }

    /** Less is never harder to place, so the largest value is found by halving. */
    private void add(List<Change> changes, String field, long least, long now, LongFunction<Ask> changed) {
        if (now <= least || !couldRun.test(changed.apply(least))) {
            return;
        }
        var fits = least;
        var fails = now;
        while (fails - fits > 1) {
            var middle = (fits + fails) / 2;
            if (couldRun.test(changed.apply(middle))) {
                fits = middle;
            } else {
                fails = middle;
            }
        }
        changes.add(new Change(field, fits));
    }
}
