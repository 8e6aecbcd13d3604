package io.shusuan.web.agent;

import io.shusuan.api.agent.AgentReport.Latency;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How long requests took: the quantiles that buckets allow to tell, and the buckets as bars.
 *
 * @param p50 in words, e.g. {@code ≤ 2 ms}; the true value lies in the bucket that ends there
 */
public record LatencyView(String p50, String p99, String mean, List<Bucket> buckets) {

    /**
     * One bar.
     *
     * @param share its height in percent of the highest
     */
    public record Bucket(String bound, long requests, long share) {}

    static @Nullable LatencyView of(Latency latency) {
        var total = latency.counts().stream().mapToLong(Long::longValue).sum();
        if (total == 0) {
            return null;
        }
        return new LatencyView(
                bound(latency.quantileMs(0.5)),
                bound(latency.quantileMs(0.99)),
                number(latency.sumMs() / total) + " ms",
                buckets(latency));
    }

    private static List<Bucket> buckets(Latency latency) {
        var highest = latency.counts().stream().mapToLong(Long::longValue).max().orElse(1);
        var bounds = latency.bucketUpperBoundsMs();
        var buckets = new ArrayList<Bucket>();
        for (var i = 0; i < latency.counts().size(); i++) {
            var requests = latency.counts().get(i);
            var share = requests == 0 ? 0 : Math.max(2, Math.round(100.0 * requests / highest));
            buckets.add(new Bucket(
                    i < bounds.size() ? "≤ " + number(bounds.get(i)) : "> " + number(bounds.getLast()),
                    requests,
                    share));
        }
        return List.copyOf(buckets);
    }

    private static String bound(@Nullable Double milliseconds) {
        if (milliseconds == null) {
            return "–";
        }
        return milliseconds.isInfinite() ? "∞" : "≤ " + number(milliseconds) + " ms";
    }

    private static String number(double milliseconds) {
        return milliseconds == Math.rint(milliseconds)
                ? Long.toString((long) milliseconds)
                : String.format(Locale.ROOT, milliseconds < 10 ? "%.2f" : "%.1f", milliseconds)
                        .replaceAll("0+$", "");
    }
}
