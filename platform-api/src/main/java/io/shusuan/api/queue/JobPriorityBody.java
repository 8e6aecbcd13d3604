package io.shusuan.api.queue;

import io.shusuan.db.queue.PriorityClassName;
import io.shusuan.scheduler.job.GivenPriority;
import io.swagger.v3.oas.annotations.media.Schema;
import java.math.BigDecimal;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The priority that a job is given: one of the two. */
@Schema(name = "JobPriority")
public record JobPriorityBody(
        @Nullable BigDecimal priority, @Nullable String priorityClass) {

    /** @throws io.shusuan.api.problem.ProblemException that tells everything that is wrong */
    public static GivenPriority read(JsonNode json) {
        var body = SettingsReader.read(json, JobPriorityBody.class);
        var reader = new SettingsReader();
        var of = body.priorityClass();
        if (of == null) {
            var value = reader.priority("priority", body.priority());
            reader.finish();
            return new GivenPriority.Own(Objects.requireNonNull(value));
        }
        reader.isName("priorityClass", of);
        if (body.priority() != null) {
            reader.wrong("priorityClass", "says what priority says, too: send one of the two");
        }
        reader.finish();
        return new GivenPriority.OfClass(new PriorityClassName(of));
    }
}
