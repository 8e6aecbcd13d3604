package io.shusuan.scheduler.job;

import io.shusuan.scheduler.spec.JobSpec;
import io.shusuan.scheduler.spec.NodeChoice;
import io.shusuan.scheduler.spec.TaskRole;
import io.shusuan.scheduler.spec.Topology;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a job asks for beside resources, as the queue keeps it with the job: most jobs ask for nothing, so that nothing is kept.
 *
 * @param timeLimitSeconds null for none
 * @param roles for each of its task roles, in their order
 * @param restartToGrow true or null
 */
record Demands(
        @Nullable Long timeLimitSeconds,
        @Nullable Topology topology,
        List<NodeChoice> roles,
        @Nullable Boolean restartToGrow) {

    private static final JsonMapper JSON = new JsonMapper();

    Demands {
        roles = List.copyOf(roles);
    }

    static Demands of(JobSpec spec) {
        return new Demands(
                spec.timeLimit() == null ? null : spec.timeLimit().toSeconds(),
                spec.topology(),
                spec.taskRoles().stream().map(TaskRole::nodes).toList(),
                spec.restartToGrow() ? true : null);
    }

    static Demands parse(String json) {
        return JSON.readValue(json, Demands.class);
    }

    /** Empty, if it asks for nothing. */
    Optional<String> json() {
        var nothing = timeLimitSeconds == null
                && topology == null
                && restartToGrow == null
                && roles.stream().allMatch(NodeChoice.ANY::equals);
        return nothing ? Optional.empty() : Optional.of(JSON.writeValueAsString(this));
    }
}
