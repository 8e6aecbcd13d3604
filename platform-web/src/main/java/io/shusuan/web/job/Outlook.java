package io.shusuan.web.job;

import io.shusuan.scheduler.job.JobCheck;
import io.shusuan.scheduler.job.JobCheck.Change;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What would become of a job if it were submitted now.
 *
 * @param kind now, later or never
 * @param nodes where it would run now
 * @param position where it would wait in its queue
 * @param changes each of which alone would let it run some day
 */
record Outlook(
        String kind,
        List<String> nodes,
        @Nullable String reason,
        @Nullable String sentence,
        @Nullable Integer position,
        @Nullable Estimate estimate,
        List<Change> changes) {

    static Outlook of(JobCheck.Checked checked) {
        return switch (checked.verdict()) {
            case JobCheck.Verdict.Now now -> new Outlook("now", now.nodes(), null, null, null, null, List.of());
            case JobCheck.Verdict.Later later ->
                new Outlook(
                        "later",
                        List.of(),
                        later.reason(),
                        later.sentence(),
                        later.position(),
                        estimate(checked.start()),
                        List.of());
            case JobCheck.Verdict.Never never ->
                new Outlook("never", List.of(), never.reason(), never.sentence(), null, null, never.changes());
        };
    }

    private static @Nullable Estimate estimate(JobCheck.@Nullable Start start) {
        return start == null ? null : Estimate.of(start.told(), start.past());
    }
}
