package io.shusuan.api.queue;

import io.shusuan.scheduler.sharing.CohortSettings;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the settings of a cohort as the API takes them; the portal's form is turned into the same. */
public final class CohortBody {

    private CohortBody() {}

    /** What of a cohort can be said. */
    @Schema(name = "CohortSettings")
    record Body(
            @Nullable String parent,
            @Nullable Double weight,
            @Nullable List<QuotaView> quotas) {}

    /** @throws io.shusuan.api.problem.ProblemException that names everything that is wrong */
    public static CohortSettings read(String name, JsonNode json) {
        var body = SettingsReader.read(json, Body.class);
        var reader = new SettingsReader();
        var cohort = reader.cohort("name", name);
        var parent = reader.cohort("parent", body.parent());
        var weight = reader.weight(body.weight());
        var quotas = reader.quotas(body.quotas());
        reader.finish();
        return new CohortSettings(Objects.requireNonNull(cohort), parent, weight, quotas);
    }
}
