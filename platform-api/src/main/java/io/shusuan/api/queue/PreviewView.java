package io.shusuan.api.queue;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.shusuan.scheduler.idle.IdlePreview;
import io.shusuan.scheduler.job.WhatIf;
import io.shusuan.scheduler.job.WhatIf.Fate;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What changed settings would do at once.
 *
 * @param stranded which queues would be left with less than their jobs use, so that the change has to be confirmed
 * @param effects the jobs that would fare otherwise
 * @param more how many others would, too
 * @param moved the nodes that would be of another flavour; missing, if there are none
 * @param idle whom the idle policy of a queue would warn or stop
 */
@Schema(name = "SettingsPreview")
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record PreviewView(
        @JsonInclude(JsonInclude.Include.ALWAYS) List<String> stranded,
        @JsonInclude(JsonInclude.Include.ALWAYS) List<EffectView> effects,
        @JsonInclude(JsonInclude.Include.ALWAYS) int more,
        List<MovedView> moved,
        @Nullable IdlePreviewView idle) {

    /**
     * A node that would be of another flavour.
     *
     * @param after missing for none, so that it takes no work
     */
    @Schema(name = "MovedNode")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record MovedView(
            String node, @Nullable String before, @Nullable String after) {

        static MovedView of(WhatIf.Moved moved) {
            return new MovedView(
                    moved.node(),
                    moved.before() == null ? null : moved.before().value(),
                    moved.after() == null ? null : moved.after().value());
        }
    }

    /**
     * A job that would be warned or stopped at once because its GPUs do nothing, or not be warned any more.
     *
     * @param idleSeconds for how long they have done nothing
     * @param stopsAt when it would be stopped unless they work until then
     */
    @Schema(name = "IdleEffect")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record IdleEffectView(
            UUID job,
            String name,
            int gpus,
            String nodes,
            IdlePreview.Fate fate,
            @Nullable Long idleSeconds,
            @Nullable Instant stopsAt) {

        static IdleEffectView of(IdlePreview.Effect effect) {
            var idle = effect.idle();
            return new IdleEffectView(
                    effect.job().value(),
                    effect.name(),
                    effect.gpus(),
                    effect.nodes(),
                    effect.fate(),
                    idle == null ? null : idle.toSeconds(),
                    effect.stopsAt());
        }
    }

    /**
     * Whom the idle policy would concern at once.
     *
     * @param unknown of how many jobs with GPUs it is not known whether they use them
     */
    @Schema(name = "IdlePreview")
    record IdlePreviewView(List<IdleEffectView> effects, int unknown) {}

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
        return of(outcome, null);
    }

    static PreviewView of(WhatIf.Outcome outcome, IdlePreview.@Nullable Outcome idle) {
        return new PreviewView(
                outcome.stranded(),
                outcome.effects().stream().map(EffectView::of).toList(),
                outcome.more(),
                outcome.moved().stream().map(MovedView::of).toList(),
                idle == null
                        ? null
                        : new IdlePreviewView(
                                idle.effects().stream().map(IdleEffectView::of).toList(), idle.unknown()));
    }
}
