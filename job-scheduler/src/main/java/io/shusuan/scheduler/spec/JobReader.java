package io.shusuan.scheduler.spec;

import io.shusuan.db.job.JobKind;
import io.shusuan.db.queue.PriorityClass;
import io.shusuan.db.queue.QueueName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads a job from its document: the strict walk over all of it, whatever is found wrong on the way. */
final class JobReader {

    private JobReader() {}

    static Reading<ParsedSpec> job() {
        return field -> field.read(Section.of(Shape.JOB)).flatMap(JobReader::job);
    }

    private static Optional<ParsedSpec> job(Section job) {
        var assumptions = new ArrayList<String>();
        var name = job.require(Key.JOB_NAME, Names.jobName());
        var description = job.read(Key.DESCRIPTION, Texts.upTo(Limits.DESCRIPTION_BYTES));
        var queue = job.read(Key.QUEUE, Names.queueName()).orElse(QueueName.DEFAULT);
        var priority = job.read(Key.PRIORITY, Numbers.whole(-PriorityClass.MOST, PriorityClass.MOST))
                .orElse(0);
        var priorityClass = job.read(Key.PRIORITY_CLASS, Names.priorityClass());
        refuseTwoPriorities(job);
        var timeLimit = job.read(Key.TIME_LIMIT, Durations.upTo(Limits.TIME_LIMIT));
        var topology = job.read(Key.TOPOLOGY, NodeReader.topology());
        var restartToGrow = job.read(Key.RESTART_TO_GROW, Numbers.truth()).orElse(false);
        var env = job.read(Key.ENV, Variables.environment()).orElse(Map.of());
        var secrets = job.read(Key.IMAGE_PULL_SECRETS, pullSecrets()).orElse(List.of());
        var mounts = job.read(Key.MOUNTS, MountReader.mounts()).orElse(List.of());
        var stated = Reach.stated(job);
        boolean converts = job.has(Key.CONVERSION) || stated.equals(Optional.of(JobKind.CONVERSION));
        var asked = job.require(Key.TASK_ROLES, RoleReader.roles(assumptions, !converts))
                .orElse(List.of());
        var reach = Reach.read(job, stated, asked, assumptions);
        var roles = converts ? ConversionReader.read(job, stated, mounts, asked) : asked;
        if (restartToGrow) {
            refuseGrowthInVain(job, roles, reach.kind());
        }
        return name.map(given -> new ParsedSpec(
                new JobSpec(
                        given,
                        reach.kind(),
                        description.orElse(null),
                        queue,
                        priority,
                        priorityClass.orElse(null),
                        timeLimit.orElse(null),
                        topology.orElse(null),
                        restartToGrow,
                        env,
                        secrets,
                        mounts,
                        reach.ingress().orElse(null),
                        reach.serviceType(),
                        roles),
                assumptions));
    }

    private static void refuseGrowthInVain(Section job, List<TaskRole> roles, JobKind kind) {
        if (kind.serves()) {
            job.field(Key.RESTART_TO_GROW)
                    .ifPresent(at -> at.clash(
                            FaultCode.CONFLICT,
                            "is for training jobs: a service would be away while it begins anew",
                            "kind: inference",
                            "kind: training"));
        } else if (!roles.isEmpty() && roles.stream().noneMatch(TaskRole::isElastic)) {
            job.field(Key.RESTART_TO_GROW)
                    .ifPresent(at -> at.clash(
                            FaultCode.CONFLICT,
                            "is for jobs that may begin with fewer tasks than they ask for: give a task role a minTaskNumber below its taskNumber",
                            "no elastic task role",
                            "a minTaskNumber below taskNumber"));
        }
    }

    private static void refuseTwoPriorities(Section job) {
        if (job.has(Key.PRIORITY)) {
            job.field(Key.PRIORITY_CLASS)
                    .ifPresent(at -> at.clash(
                            FaultCode.CONFLICT,
                            "says what 'priority' says, too: remove one of the two",
                            "priority and priorityClass",
                            "priority or priorityClass"));
        }
    }

    private static Reading<List<String>> pullSecrets() {
        return field -> {
            var taken = new Taken<String>();
            Reading<String> secret = item -> {
                var name = Names.dnsName().of(item);
                name.ifPresent(given -> taken.add(item, given));
                return name;
            };
            return Reading.listOf(secret, Limits.IMAGE_PULL_SECRETS).of(field);
        };
    }
}
