package io.shusuan.agent.backend.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.shusuan.agent.ModelRepository;
import io.shusuan.agent.RunningAgent;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A GPU that this process can use no more: who hears of it, what is served on, and how the agent ends. */
class LostGpuTest {
    private static final String INDEX = "/v2/repository/index";
    private static final String LOST = "GPU_LOST: GPU 0 is lost to this agent until it is restarted: "
            + "cudaEventSynchronize failed: cudaErrorIllegalAddress (700)";

    @TempDir
    private Path folder;

    private final HostEngine engine = new HostEngine(2);

    private RunningAgent staying(ModelRepository repository) throws InterruptedException {
        return RunningAgent.serving(repository, new TensorRtBackend(() -> engine), "--gpu-failure-policy=stay");
    }

    private ModelRepository plan(String model, String config) {
        return new ModelRepository(folder)
                .config(model, "backend: \"tensorrt\" max_batch_size: 8 " + config)
                .file(model + "/1/model.plan", AddPlan.TEXT);
    }

    private static HttpResponse<String> add(RunningAgent agent, String model) throws Exception {
        return agent.post("/v2/models/" + model + "/infer", AddPlan.body(1, 1, 1));
    }

    @AfterEach
    void nothingIsLeft() {
        engine.assertNothingLeft();
    }

    @Test
    void takesItsModelsOutAndServesTheOthers() throws Exception {
        plan("m", "instance_group { kind: KIND_GPU gpus: 0 }");
        plan("same", "instance_group { kind: KIND_GPU gpus: 0 }");
        var repository =
                plan("other", "instance_group { kind: KIND_GPU gpus: 1 }").onnx("cpu", 1, "identity");
        try (var agent = staying(repository)) {
            assertThat(agent.metrics()).contains("shusuan_gpu_lost{gpu=\"0\"} 0", "shusuan_gpu_lost{gpu=\"1\"} 0");
            engine.fail("cudaEventSynchronize", 700, "cudaErrorIllegalAddress");

            assertThat(add(agent, "m").body()).contains(LOST);
            for (var model : List.of("m", "same")) {
                assertThat(add(agent, model).statusCode()).isEqualTo(503);
                assertThat(add(agent, model).body()).contains(LOST);
                assertThat(agent.get("/v2/models/" + model + "/ready").statusCode())
                        .isEqualTo(400);
                assertThat(agent.post(INDEX, "{}").body())
                        .contains("\"name\":\"" + model
                                + "\",\"version\":\"1\",\"state\":\"UNAVAILABLE\",\"reason\":\"GPU_LOST: GPU 0");
            }
            assertThat(add(agent, "other").body()).endsWith(AddPlan.sums(1, 2));
            for (var model : List.of("other", "cpu")) {
                assertThat(agent.get("/v2/models/" + model + "/ready").statusCode())
                        .isEqualTo(200);
            }
            assertThat(agent.get("/v2/health/ready").statusCode()).isEqualTo(400);
            assertThat(agent.get("/v2/health/live").statusCode()).isEqualTo(200);
            assertThat(agent.metrics()).contains("shusuan_gpu_lost{gpu=\"0\"} 1", "shusuan_gpu_lost{gpu=\"1\"} 0");
        }
    }

    /** What two instances have in hand when the first of them meets it, and what waits behind. */
    @Test
    void failsAllThatIsInHandWithTheSameError() throws Exception {
        var gate = engine.hold();
        try (var agent = staying(plan("m", "instance_group { count: 2 }"))) {
            var running = new ArrayList<CompletableFuture<HttpResponse<String>>>();
            for (int i = 0; i < 6; i++) {
                running.add(agent.postLater("/v2/models/m/infer", AddPlan.body(1, i, 1)));
            }
            engine.awaitHeld();
            engine.fail("cudaEventSynchronize", 700, "cudaErrorIllegalAddress");
            gate.countDown();
            for (var each : running) {
                assertThat(each.get().statusCode()).isEqualTo(503);
                assertThat(each.get().body()).contains(LOST);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "dynamic_batching { }", "optimization { cuda { graphs: true } }"})
    void leavesTheWorkToTheInstancesOfAnotherGpu(String config) throws Exception {
        try (var agent = staying(
                plan("m", config + " instance_group [{ kind: KIND_GPU gpus: 0 }, { kind: KIND_GPU gpus: 1 }]"))) {
            engine.fail("cudaEventSynchronize", 700, "cudaErrorIllegalAddress");
            Awaitility.await().until(() -> add(agent, "m").statusCode() == 503);

            // the other instance may be the only one that still takes requests, or the lost one takes a last one
            Awaitility.await().untilAsserted(() -> assertThat(engine.handles()).containsEntry("context", 1));
            for (int i = 0; i < 20; i++) {
                assertThat(add(agent, "m").body()).endsWith(AddPlan.sums(1, 2));
            }
            assertThat(agent.get("/v2/models/m/ready").statusCode()).isEqualTo(200);
            assertThat(agent.get("/v2/health/ready").statusCode()).isEqualTo(200);
        }
    }

    /** The whole command: it answers what can be answered, says a last word to the control plane, and ends with a code of its own. */
    @Test
    void endsToBeStartedAgain() throws Exception {
        var reports = new CopyOnWriteArrayList<String>();
        var plane = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        plane.createContext("/", exchange -> {
            reports.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        plane.start();
        plan("m", "");
        new ModelRepository(folder)
                .identity(
                        "held",
                        "backend: \"held\" max_batch_size: 8 input { name: \"A\" data_type: TYPE_FP32 dims: 4 } "
                                + "output { name: \"B\" data_type: TYPE_FP32 dims: 4 }");
        var process = LosingAgent.command(
                        folder,
                        "--report-url=http://127.0.0.1:" + plane.getAddress().getPort() + "/")
                .start();
        try (var out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
                var said = process.outputWriter(StandardCharsets.UTF_8);
                var client = HttpClient.newHttpClient()) {
            var ready = Pattern.compile("HTTP (\\S+),").matcher(out.readLine());
            assertThat(ready.find()).isTrue();
            var models = "http://" + ready.group(1) + "/v2/models/";
            var held = client.sendAsync(
                    post(
                            models + "held/infer",
                            "{\"inputs\":[{\"name\":\"A\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}]}"),
                    BodyHandlers.ofString());
            said.write("lose\n");
            said.flush();
            Awaitility.await().until(() -> {
                var answer = client.send(post(models + "m/infer", AddPlan.body(1, 1, 1)), BodyHandlers.ofString());
                return answer.statusCode() == 503
                        && answer.body()
                                .contains("GPU_LOST: GPU 0 is lost to this agent until it is restarted: "
                                        + "cudaEventSynchronize failed: cudaErrorLaunchFailure (719)");
            });
            said.write("go\n");
            said.flush();

            assertThat(held.get(60, TimeUnit.SECONDS).body()).endsWith("\"data\":[1.0,2.0,3.0,4.0]}]}");
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(4);
            assertThat(reports.getLast())
                    .contains("\"name\":\"m\",\"version\":\"1\",\"state\":\"UNAVAILABLE\",\"reason\":\"GPU_LOST: GPU 0")
                    .contains("\"gpuMemory\":[{\"gpu\":0,\"bytes\":")
                    .contains("\"available\":false,\"reason\":\"GPU_LOST: GPU 0 is lost");
        } finally {
            process.destroyForcibly();
            plane.stop(0);
        }
    }

    private static HttpRequest post(String uri, String body) {
        return HttpRequest.newBuilder(URI.create(uri))
                .version(HttpClient.Version.HTTP_1_1)
                .POST(BodyPublishers.ofString(body))
                .build();
    }
}
