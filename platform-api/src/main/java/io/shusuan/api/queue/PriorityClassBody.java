package io.shusuan.api.queue;

import io.shusuan.db.queue.PriorityClass;
import io.shusuan.db.queue.PriorityClassName;
import io.swagger.v3.oas.annotations.media.Schema;
import java.math.BigDecimal;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What of a priority class can be said. */
@Schema(name = "PriorityClassSettings")
public record PriorityClassBody(
        @Nullable BigDecimal value, @Nullable String description) {

    private static final int LONGEST_DESCRIPTION = 200;

    /** @throws io.shusuan.api.problem.ProblemException that tells everything that is wrong */
    public static PriorityClass read(String name, JsonNode json) {
        var body = SettingsReader.read(json, PriorityClassBody.class);
        var reader = new SettingsReader();
        reader.isName("name", name);
        var value = reader.priority("value", body.value());
        var description = body.description();
        if (description != null && description.length() > LONGEST_DESCRIPTION) {
            reader.wrong(
                    "description",
                    "must be at most %d characters, not %d".formatted(LONGEST_DESCRIPTION, description.length()));
        }
        reader.finish();
        return new PriorityClass(new PriorityClassName(name), Objects.requireNonNull(value), description);
    }
}
