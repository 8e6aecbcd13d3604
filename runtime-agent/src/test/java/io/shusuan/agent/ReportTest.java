package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
    private static final String NONE = Collections.nCopies(18, 0).toString().replace(" ", "");

    private record Received(String authorization, String body) {}

    @TempDir
    private Path folder;

    @Test
    void tellsTheControlPlaneWhatItServes() throws Exception {
        var received = new LinkedBlockingQueue<Received>();
        var plane = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        plane.createContext("/api/v1/agents", exchange -> {
            var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            received.add(new Received(exchange.getRequestHeaders().getFirst("Authorization"), body));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        plane.start();
        var repository = new ModelRepository(folder)
                .onnx("good", 1, "identity")
                .file("broken/1/model.onnx", "no model")
                .file("token", "secret\n");
        try (var agent = RunningAgent.serving(
                repository,
                "--exit-on-error=false",
                "--report-url=http://127.0.0.1:" + plane.getAddress().getPort() + "/api/v1/agents",
                "--report-token-file=" + folder.resolve("token"))) {
            var first = received.poll(20, TimeUnit.SECONDS);
            assertThat(first).isNotNull();
            assertThat(first.authorization()).isEqualTo("Bearer secret");
            assertThat(first.body())
                    .startsWith("{\"agentId\":\"")
                    .contains("\"endpoints\":{\"http\":\"127.0.0.1:"
                            + agent.http().getPort() + "\"")
                    .contains("\"devices\":[{\"kind\":\"CPU\"")
                    .contains("{\"name\":\"onnxruntime\",\"version\":\"1.29.0\",\"available\":true,\"reason\":null}")
                    .contains(
                            "{\"name\":\"good\",\"version\":\"1\",\"state\":\"READY\",\"reason\":null,\"requestsTotal\":0,\"errorsTotal\":0,"
                                    + "\"requestsPerSecond\":0.0,\"latency\":{\"bucketUpperBoundsMs\":[0.5,1.0,2.0,5.0,10.0,25.0,50.0,100.0,250.0,500.0,"
                                    + "1000.0,2500.0],\"counts\":[0,0,0,0,0,0,0,0,0,0,0,0,0],\"sumMs\":0.0},\"pending\":0,\"inferences\":0,"
                                    + "\"executions\":0,\"ns\":{\"queue\":0,\"computeInput\":0,\"computeInfer\":0,\"computeOutput\":0},"
                                    + "\"phases\":{\"bucketUpperBoundsMs\":[0.01,0.025,0.05,0.1,0.25,0.5,1.0,2.5,5.0,10.0,25.0,50.0,100.0,250.0,"
                                    + "500.0,1000.0,2500.0],\"queue\":" + NONE + ",\"computeInput\":" + NONE
                                    + ",\"computeInfer\":" + NONE + ",\"computeOutput\":" + NONE + "},"
                                    + "\"failures\":{\"BACKEND\":0,\"CANCELED\":0,\"OTHER\":0,\"REJECTED\":0},"
                                    + "\"batchSizes\":{},\"batchDepartures\":{},\"gpuMemory\":[]}")
                    .contains(
                            "{\"name\":\"broken\",\"version\":\"1\",\"state\":\"UNAVAILABLE\",\"reason\":\"ONNX Runtime cannot load");
        } finally {
            plane.stop(0);
        }
    }
}
