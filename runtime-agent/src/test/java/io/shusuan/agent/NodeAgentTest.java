package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.shusuan.agent.log.Log;
import io.shusuan.agent.node.GpuSample.GpuProcess;
import io.shusuan.agent.node.GpuWatch;
import io.shusuan.agent.node.HandWrittenNvml;
import io.shusuan.agent.node.NvmlUnavailableException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An agent that serves no models and tells of its node. */
class NodeAgentTest {

    private static Options options(String... flags) throws UsageException {
        var all = new ArrayList<>(List.of("--node", "--metrics-port=0"));
        all.addAll(List.of(flags));
        return CommandLine.parse(all, Map.of("SHUSUAN_NODE_NAME", "gpu-7")).options();
    }

    private static Agent start(GpuWatch.Source gpus, Options options) throws StartException, InterruptedException {
        return Agent.start(options, Agent.backends(options), gpus, Log.unopened(options.log()));
    }

    private static String metrics(Agent agent) throws IOException, InterruptedException {
        try (var client = HttpClient.newHttpClient()) {
            var port = agent.metricsAddress().orElseThrow().getPort();
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"));
            return client.send(request.build(), BodyHandlers.ofString()).body();
        }
    }

    /** The first scrape begins the watch. */
    private static String metricsOnce(Agent agent, String has) throws IOException, InterruptedException {
        var text = metrics(agent);
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20); !text.contains(has); text = metrics(agent)) {
            assertThat(System.nanoTime()).as(text).isLessThan(end);
        }
        return text;
    }

    /** A control plane that keeps what is reported. */
    private static final class Plane implements AutoCloseable {
        private final LinkedBlockingQueue<String> received = new LinkedBlockingQueue<>();
        private final HttpServer server;

        Plane() throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                received.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
                exchange.sendResponseHeaders(204, -1);
                exchange.close();
            });
            server.start();
        }

        String flag() {
            return "--report-url=http://127.0.0.1:" + server.getAddress().getPort() + "/api/v1/agents";
        }

        /** The first report that has the text: what the first look finds, only the second report has. */
        @Nullable
        String reported(String text) throws InterruptedException {
            var beat = received.poll(20, TimeUnit.SECONDS);
            while (beat != null && !beat.contains(text)) {
                beat = received.poll(20, TimeUnit.SECONDS);
            }
            return beat;
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    @Test
    void showsItsGpusUnderTheNamesOfTheProtocolAndOfTheExporter() throws Exception {
        var node = HandWrittenNvml.with(2);
        node.xid(1, 79);
        try (var agent = start(() -> node, options())) {
            assertThat(agent.httpAddress()).isEmpty();
            assertThat(agent.grpcAddress()).isEmpty();

            assertThat(metricsOnce(agent, "nv_gpu_utilization{")).contains("""
                    # HELP nv_gpu_utilization GPU utilization rate [0.0 - 1.0)
                    # TYPE nv_gpu_utilization gauge
                    nv_gpu_utilization{gpu_uuid="GPU-0"} 0.5
                    nv_gpu_utilization{gpu_uuid="GPU-1"} 0.5
                    # HELP nv_gpu_memory_total_bytes GPU total memory, in bytes
                    # TYPE nv_gpu_memory_total_bytes gauge
                    nv_gpu_memory_total_bytes{gpu_uuid="GPU-0"} 85899345920
                    """, """
                    nv_gpu_memory_used_bytes{gpu_uuid="GPU-0"} 10737418240
                    """, """
                    nv_gpu_power_usage{gpu_uuid="GPU-0"} 300.5
                    """, """
                    nv_gpu_power_limit{gpu_uuid="GPU-0"} 700.0
                    """, """
                    # TYPE nv_energy_consumption counter
                    nv_energy_consumption{gpu_uuid="GPU-0"} 0.0
                    """, """
                    # HELP DCGM_FI_DEV_GPU_UTIL GPU utilization (in %).
                    # TYPE DCGM_FI_DEV_GPU_UTIL gauge
                    DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-0",pci_bus_id="00000000:00:00.0",device="nvidia0",\
                    modelName="NVIDIA \\"H100\\"",Hostname="gpu-7",DCGM_FI_DRIVER_VERSION="580.65.06"} 50
                    """, """
                    DCGM_FI_DRIVER_VERSION="580.65.06"} 79
                    """, """
                    shusuan_gpu_fault{gpu_uuid="GPU-1",index="1",kind="FATAL_XID",xid="79"} 1
                    """);
        }
    }

    @Test
    void tellsTheControlPlaneWhatTheNodeHas() throws Exception {
        var node = HandWrittenNvml.with(2);
        node.gpu(0).uncorrected = 3;
        node.gpu(0).processes.add(new GpuProcess((int) ProcessHandle.current().pid(), OptionalLong.of(1L << 30)));
        try (var plane = new Plane();
                var _ = start(() -> node, options(plane.flag()))) {
            assertThat(plane.reported("GPU-0"))
                    .contains("\"node\":{\"name\":\"gpu-7\",\"cores\":")
                    .contains("\"driver\":\"580.65.06\",\"cuda\":\"13.0\",\"gpus\":[{\"index\":0,\"uuid\":\"GPU-0\","
                            + "\"name\":\"NVIDIA \\\"H100\\\"\",\"architecture\":\"HOPPER\",\"computeCapability\":\"9.0\","
                            + "\"pciBusId\":\"00000000:00:00.0\",\"migEnabled\":false,\"migInstances\":[],\"nvlinks\":[],"
                            + "\"numaNodes\":\"0\",\"cpus\":\"0-31\",\"paths\":[{\"gpu\":1,\"level\":\"PIX\"}],"
                            + "\"utilization\":50,\"memoryBytes\":85899345920,\"memoryUsedBytes\":10737418240,"
                            + "\"temperature\":55,\"powerWatts\":300.5,\"powerLimitWatts\":700.0,\"smClockMhz\":1980,"
                            + "\"memoryClockMhz\":2619,\"eccCorrected\":2,\"eccUncorrected\":3,"
                            + "\"faults\":[{\"kind\":\"UNCORRECTABLE_ECC\",\"since\":\"")
                    .contains("\"processes\":[{\"pid\":"
                            + ProcessHandle.current().pid() + ",\"memoryBytes\":1073741824,\"command\":\"")
                    .contains("\"models\":[]");
        }
    }

    @Test
    void withoutADriverItTellsWhyThereAreNoGpus() throws Exception {
        GpuWatch.Source none = () -> {
            throw new NvmlUnavailableException("libnvidia-ml.so.1 cannot be loaded");
        };
        try (var plane = new Plane();
                var agent = start(none, options(plane.flag()))) {
            assertThat(plane.reported("libnvidia-ml"))
                    .contains("\"memoryUsedBytes\":")
                    .contains("\"gpuProblem\":\"libnvidia-ml.so.1 cannot be loaded\",\"gpus\":[],\"engines\":[]}");
            assertThat(metrics(agent)).contains("nv_cpu_utilization").doesNotContain("nv_gpu_utilization");
        }
    }

    @ParameterizedTest
    @CsvSource({"--model-repository=/tmp", "--model-control-mode=poll"})
    void refusesModels(String flag) {
        assertThatThrownBy(() -> options(flag))
                .isInstanceOf(UsageException.class)
                .hasMessage("an agent with --node serves no models: leave out " + flag.substring(0, flag.indexOf('=')));
    }

    @ParameterizedTest
    @CsvSource({
        "--build-engines=/nowhere, --build-engines /nowhere is not a folder",
        "--engine-cache-bucket=s3://b --engine-cache=off, --engine-cache-bucket needs the folder in front of it: leave out --engine-cache=off",
        "--build-engines=/tmp --engine-cache=off, --build-engines needs --engine-cache: the folder that the engines are built into",
    })
    void refusesEnginesThatHaveNoModelsOrNoPlace(String flags, String says) {
        assertThatThrownBy(() -> options(flags.split(" ")))
                .isInstanceOf(UsageException.class)
                .hasMessage(says);
    }

    @Test
    void anAgentThatServesBuildsForItselfOnly() {
        assertThatThrownBy(() -> CommandLine.parse(List.of("--model-repository=/tmp", "--build-engines=/tmp"), Map.of())
                        .options())
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "--build-engines is for an agent with --node; one that serves builds the engines of its own models by itself");
    }
}
