package io.shusuan.api.queue;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.shusuan.scheduler.job.WhatIf;
import io.shusuan.scheduler.job.WhatIf.Fate;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What changed settings would do at once.
 *
 * @param stranded which queues would be left with less than their jobs use, so that the change has to be confirmed
 * @param effects the jobs that would fare otherwise
 * @param more how many others would, too
 */
@Schema(name = "SettingsPreview")
record PreviewView(List<String> stranded, List<EffectView> effects, int more) {

    /**
     * A job that would fare otherwise.
     *
     * @param reason why it would wait then
     */
    @Schema(name = "SettingsEffect")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record EffectView(
            UUID job,
            String name,
            String queue,
            Fate before,
            Fate after,
            @Nullable String reason,
            @Nullable String message) {

        static EffectView of(WhatIf.Effect effect) {
            var shortage = effect.shortage();
            return new EffectView(
                    effect.job().value(),
                    effect.name(),
                    effect.queue().value(),
                    effect.before(),
                    effect.after(),
                    shortage == null ? null : shortage.reason().code(),
                    shortage == null ? null : shortage.sentence());
        }
    }

    static PreviewView of(WhatIf.Outcome outcome) {
        return new PreviewView(
                outcome.stranded(),
                outcome.effects().stream().map(EffectView::of).toList(),
                outcome.more());
    }
}
