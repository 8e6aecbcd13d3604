package io.shusuan.agent.metrics;

import io.shusuan.agent.engine.bucket.BucketException.Reason;
import io.shusuan.agent.engine.build.EngineBucket;

/** How it goes with the bucket behind the cache of engines. */
final class EngineBucketMetrics {
    private static final String TRANSFERS = "shusuan_engine_bucket_transfers_total";
    private static final String WAITING = "shusuan_engine_bucket_waiting";
    private static final String PROBLEM = "shusuan_engine_bucket_problem";

    private EngineBucketMetrics() {}

    static void write(StringBuilder text, EngineBucket.Figures figures) {
        MetricsText.family(
                text,
                TRANSFERS,
                "counter",
                "Engines that came from the bucket or went there whole, came damaged, or failed to come or go");
        transfers(text, "fetched", figures.fetched());
        transfers(text, "uploaded", figures.uploaded());
        transfers(text, "damaged", figures.damaged());
        transfers(text, "failed", figures.failed());
        MetricsText.family(text, WAITING, "gauge", "Engines of the folder that are not known to be in the bucket");
        MetricsText.sample(text, WAITING, "", Integer.toString(figures.waiting()));
        MetricsText.family(text, PROBLEM, "gauge", "1 for the reason why the bucket cannot be used, 0 for all others");
        for (var reason : Reason.values()) {
            if (reason != Reason.DAMAGED) {
                MetricsText.sample(
                        text,
                        PROBLEM,
                        "reason=\"" + reason + "\"",
                        figures.problem().filter(reason::equals).isPresent() ? "1" : "0");
            }
        }
    }

    private static void transfers(StringBuilder text, String outcome, long count) {
        MetricsText.sample(text, TRANSFERS, "outcome=\"" + outcome + "\"", Long.toString(count));
    }
}
