package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The exposition, beside what a real server of the protocol writes. */
class MetricsTest {
    @TempDir
    private Path folder;

    private RunningAgent agent() throws InterruptedException {
        return RunningAgent.serving(new ModelRepository(folder)
                .identity("m", ModelRepository.GOLDEN_CONFIG + "metric_tags { key: \"team\" value: \"a \\\"b\\\"\" }")
                .identity("repeat", """
                        backend: "repeat"
                        model_transaction_policy { decoupled: true }
                        input { name: "IN" data_type: TYPE_INT32 dims: -1 }
                        output { name: "OUT" data_type: TYPE_INT32 dims: 1 }
                        """));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            nv_inference_request_success            | counter | Number of successful inference requests, all batch sizes
            nv_inference_request_failure            | counter | Number of failed inference requests, all batch sizes
            nv_inference_count                      | counter | Number of inferences performed (does not include cached requests)
            nv_inference_exec_count                 | counter | Number of model executions performed (does not include cached requests)
            nv_inference_request_duration_us        | counter | Cumulative inference request duration in microseconds (includes cached requests)
            nv_inference_queue_duration_us          | counter | Cumulative inference queuing duration in microseconds (includes cached requests)
            nv_inference_compute_input_duration_us  | counter | Cumulative compute input duration in microseconds (does not include cached requests)
            nv_inference_compute_infer_duration_us  | counter | Cumulative compute inference duration in microseconds (does not include cached requests)
            nv_inference_compute_output_duration_us | counter | Cumulative inference compute output duration in microseconds (does not include cached requests)
            nv_inference_pending_request_count      | gauge   | Instantaneous number of pending requests awaiting execution per-model.
            nv_inference_first_response_histogram_ms | histogram | Duration from request to first response in milliseconds
            nv_model_load_duration_secs             | gauge   | Model load time in seconds
            nv_pinned_memory_pool_total_bytes       | gauge   | Pinned memory pool total memory size, in bytes
            nv_pinned_memory_pool_used_bytes        | gauge   | Pinned memory pool used memory size, in bytes
            nv_cpu_utilization                      | gauge   | CPU utilization rate [0.0 - 1.0]
            nv_cpu_memory_total_bytes               | gauge   | CPU total memory (RAM), in bytes
            nv_cpu_memory_used_bytes                | gauge   | CPU used memory (RAM), in bytes
            """)
    void hasTheFamiliesOfTheProtocol(String name, String type, String help) throws Exception {
        try (var agent = agent()) {
            assertThat(agent.metrics())
                    .contains("# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n");
        }
    }

    @Test
    void countsFirstResponsesInTheBucketsOfTheModel() throws Exception {
        var repository = new ModelRepository(folder).identity("square", """
                backend: "square"
                model_transaction_policy { decoupled: true }
                input { name: "IN" data_type: TYPE_INT32 dims: 1 }
                output { name: "OUT" data_type: TYPE_INT32 dims: 1 }
                model_metrics { metric_control {
                  metric_identifier { family: "nv_inference_first_response_histogram_ms" }
                  histogram_options { buckets: [ 0.5, 60000 ] }
                } }
                """);
        try (var agent = RunningAgent.serving(repository)) {
            agent.post("/v2/models/square/generate_stream", "{\"IN\":2}");
            assertThat(agent.metrics())
                    .contains(
                            "nv_inference_first_response_histogram_ms_bucket{model=\"square\",version=\"1\",le=\"0.5\"} ",
                            "nv_inference_first_response_histogram_ms_bucket{model=\"square\",version=\"1\",le=\"60000\"} 1\n")
                    .doesNotContain("le=\"100\"} 1\n");
        }
    }

    @Test
    void summarisesTheLastMinuteForThoseWhoAsk() throws Exception {
        var repository = new ModelRepository(folder)
                .onnx("m", 1, "identity")
                .config("m", "max_batch_size: 8 response_cache { enable: true }")
                .onnx("idle", 1, "identity");
        var ask = "{\"inputs\":[{\"name\":\"INPUT0\",\"shape\":[1,16],\"datatype\":\"FP32\",\"data\":["
                + "1,".repeat(15) + "1]}]}";
        try (var agent = RunningAgent.serving(
                repository,
                "--cache-config=local,size=1048576",
                "--metrics-config=summary_latencies=true",
                "--metrics-config=summary_quantiles=\"0.5:0.05,0.99:0.001\"")) {
            for (int i = 0; i < 3; i++) {
                agent.post("/v2/models/m/infer", ask);
            }
            var metrics = agent.metrics();
            var labels = "{model=\"m\",version=\"1\"";
            for (var family : List.of(
                    "nv_inference_request_summary_us",
                    "nv_inference_queue_summary_us",
                    "nv_cache_hit_summary_per_model")) {
                assertThat(metrics)
                        .contains("# TYPE " + family + " summary\n")
                        .containsPattern(Pattern.quote(family + labels + ",quantile=\"0.5\"} ") + "[0-9]")
                        .containsPattern(Pattern.quote(family + labels + ",quantile=\"0.99\"} ") + "[0-9]")
                        .doesNotContain(family + labels + ",quantile=\"0.9\"}");
            }
            // two of three were answered from the cache
            assertThat(metrics)
                    .contains(
                            "nv_inference_request_summary_us_count" + labels + "} 3\n",
                            "nv_inference_queue_summary_us_count" + labels + "} 3\n",
                            "nv_inference_compute_input_summary_us_count" + labels + "} 1\n",
                            "nv_inference_compute_infer_summary_us_count" + labels + "} 1\n",
                            "nv_inference_compute_output_summary_us_count" + labels + "} 1\n",
                            "nv_cache_hit_summary_per_model_count" + labels + "} 2\n",
                            "nv_cache_miss_summary_per_model_count" + labels + "} 1\n",
                            "nv_inference_request_summary_us{model=\"idle\",version=\"1\",quantile=\"0.5\"} NaN\n")
                    .doesNotContain("nv_cache_hit_summary_per_model_count{model=\"idle\"");
            assertThat(value(metrics, "nv_inference_request_summary_us_sum" + labels + "} "))
                    .isEqualTo(value(metrics, "nv_inference_request_duration_us" + labels + "} "));
            assertThat(value(metrics, "nv_inference_request_summary_us" + labels + ",quantile=\"0.99\"} "))
                    .isGreaterThanOrEqualTo(
                            value(metrics, "nv_inference_request_summary_us" + labels + ",quantile=\"0.5\"} "));
        }
    }

    private static double value(String metrics, String begin) {
        int at = metrics.indexOf("\n" + begin);
        assertThat(at).as(begin).isNotNegative();
        int from = at + 1 + begin.length();
        return Double.parseDouble(metrics.substring(from, metrics.indexOf('\n', from)));
    }

    @Test
    void leavesOutWhatIsNotWanted() throws Exception {
        try (var agent = RunningAgent.serving(
                new ModelRepository(folder).onnx("m", 1, "identity"),
                "--allow-cpu-metrics=false",
                "--metrics-config=counter_latencies=false",
                "--metrics-config=histogram_latencies=false")) {
            assertThat(agent.metrics())
                    .contains("nv_inference_count{")
                    .doesNotContain("nv_cpu_", "_duration_us", "nv_inference_first_response_histogram_ms", "summary");
        }
    }

    @Test
    void countsRequestsByPhaseAndReason() throws Exception {
        try (var agent = agent()) {
            agent.post(
                    "/v2/models/m/infer",
                    "{\"inputs\":[{\"name\":\"INPUT0\",\"shape\":[2,16],\"datatype\":\"FP32\",\"data\":["
                            + "1,".repeat(31) + "1]}]}");
            agent.post("/v2/models/repeat/generate_stream", "{\"IN\":[1,2,3]}");

            var labels = "{model=\"m\",version=\"1\",team=\"a \\\"b\\\"\"}";
            assertThat(agent.metrics())
                    .contains(
                            "nv_inference_request_success" + labels + " 1\n",
                            "nv_inference_count" + labels + " 2\n",
                            "nv_inference_exec_count" + labels + " 1\n",
                            "nv_inference_pending_request_count" + labels + " 0\n",
                            "nv_inference_request_failure{model=\"m\",reason=\"REJECTED\",version=\"1\",team=")
                    .contains(
                            "shusuan_inference_queue_duration_seconds_count" + labels + " 1\n",
                            "shusuan_inference_compute_input_duration_seconds_count" + labels + " 1\n",
                            "shusuan_inference_compute_infer_duration_seconds_count" + labels + " 1\n",
                            "shusuan_inference_compute_output_duration_seconds_count" + labels + " 1\n",
                            "shusuan_inference_queue_duration_seconds_bucket{model=\"repeat\",version=\"1\",le=\"0.00001\"} ")
                    .contains(
                            "nv_inference_first_response_histogram_ms_bucket{model=\"repeat\",version=\"1\",le=\"100\"} 1\n",
                            "nv_inference_first_response_histogram_ms_bucket{model=\"repeat\",version=\"1\",le=\"5000\"} 1\n",
                            "nv_inference_first_response_histogram_ms_bucket{model=\"repeat\",version=\"1\",le=\"+Inf\"} 1\n",
                            "nv_inference_first_response_histogram_ms_count{model=\"repeat\",version=\"1\"} 1\n")
                    .doesNotContain("nv_inference_first_response_histogram_ms_count{model=\"m\"");
        }
    }
}
