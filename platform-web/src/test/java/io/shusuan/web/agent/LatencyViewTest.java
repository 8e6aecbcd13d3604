package io.shusuan.web.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.api.agent.AgentReport.Latency;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class LatencyViewTest {

    @Test
    void quantilesAreTheBoundsOfTheirBuckets() {
        var view = Objects.requireNonNull(
                LatencyView.of(new Latency(List.of(0.5, 1.0, 2.5), List.of(10L, 80L, 9L, 1L), 120)));

        assertThat(view.p50()).isEqualTo("≤ 1 ms");
        assertThat(view.p99()).isEqualTo("≤ 2.5 ms");
        assertThat(view.mean()).isEqualTo("1.2 ms");
        assertThat(view.buckets())
                .extracting(LatencyView.Bucket::bound)
                .containsExactly("≤ 0.5", "≤ 1", "≤ 2.5", "> 2.5");
        assertThat(view.buckets()).extracting(LatencyView.Bucket::share).containsExactly(13L, 100L, 11L, 2L);
    }

    @Test
    void withoutRequestsThereIsNothingToTell() {
        assertThat(LatencyView.of(new Latency(List.of(1.0), List.of(0L, 0L), 0)))
                .isNull();
    }
}
