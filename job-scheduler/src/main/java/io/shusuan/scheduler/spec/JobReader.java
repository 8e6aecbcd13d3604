package io.shusuan.scheduler.spec;

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
        var priority = job.read(Key.PRIORITY, Numbers.whole(-Limits.PRIORITY, Limits.PRIORITY))
                .orElse(0);
        var timeLimit = job.read(Key.TIME_LIMIT, Durations.upTo(Limits.TIME_LIMIT));
        var topology = job.read(Key.TOPOLOGY, NodeReader.topology());
        var env = job.read(Key.ENV, Variables.environment()).orElse(Map.of());
        var secrets = job.read(Key.IMAGE_PULL_SECRETS, pullSecrets()).orElse(List.of());
        var mounts = job.read(Key.MOUNTS, MountReader.mounts()).orElse(List.of());
        var roles = job.require(Key.TASK_ROLES, RoleReader.roles(assumptions)).orElse(List.of());
        var reach = Reach.read(job, roles, assumptions);
        return name.map(given -> new ParsedSpec(
                new JobSpec(
                        given,
                        reach.kind(),
                        description.orElse(null),
                        queue,
                        priority,
                        timeLimit.orElse(null),
                        topology.orElse(null),
                        env,
                        secrets,
                        mounts,
                        reach.ingress().orElse(null),
                        reach.serviceType(),
                        roles),
                assumptions));
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
