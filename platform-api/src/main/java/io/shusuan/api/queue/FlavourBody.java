package io.shusuan.api.queue;

import io.shusuan.scheduler.sharing.Flavour;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads by what the nodes of a flavour are known, as the API takes it; the portal's form is turned into the same. */
public final class FlavourBody {

    private static final int MOST_LABELS = 16;
    private static final int LONGEST_LABEL = 317;

    private FlavourBody() {}

    /** By what its nodes are known. */
    @Schema(name = "FlavourLabels")
    record Body(@Nullable Map<String, String> labels) {}

    /** @throws io.shusuan.api.problem.ProblemException that names everything that is wrong */
    public static Flavour read(String name, JsonNode json) {
        var body = SettingsReader.read(json, Body.class);
        var reader = new SettingsReader();
        var flavour = reader.flavour("name", name);
        var labels = Objects.requireNonNullElse(body.labels(), Map.<String, String>of());
        if (labels.size() > MOST_LABELS) {
            reader.wrong("labels", "must be at most %d, not %d".formatted(MOST_LABELS, labels.size()));
        }
        labels.forEach((label, value) -> {
            if (label.isBlank() || value == null || label.length() > LONGEST_LABEL || value.length() > LONGEST_LABEL) {
                reader.wrong(
                        "labels",
                        "must have a key and a value each, of at most %d characters".formatted(LONGEST_LABEL));
            }
        });
        reader.finish();
        return new Flavour(Objects.requireNonNull(flavour), labels);
    }
}
