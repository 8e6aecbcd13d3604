package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpServer;
import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest.InferInputTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Traces as Triton writes them to files, and as OpenTelemetry sends them. */
class TraceTest {
    private static final String INFER = "/v2/models/m/infer";
    private static final String TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String CALLER = "00f067aa0ba902b7";
    private static final String TRACEPARENT = "00-" + TRACE_ID + "-" + CALLER + "-01";

    @TempDir
    private Path folder;

    private ModelRepository repository() {
        return new ModelRepository(folder.resolve("models"))
                .identity("m", ModelRepository.GOLDEN_CONFIG)
                .identity("other", ModelRepository.GOLDEN_CONFIG);
    }

    private static String body(String id) {
        var data = String.join(",", Collections.nCopies(16, "0.5"));
        return "{\"id\":\"" + id
                + "\",\"inputs\":[{\"name\":\"INPUT0\",\"shape\":[1,16],\"datatype\":\"FP32\",\"data\":[" + data
                + "]}]}";
    }

    private static void callOverGrpc(RunningAgent agent, String... headers) {
        var metadata = new Metadata();
        for (int i = 0; i < headers.length; i += 2) {
            metadata.put(Metadata.Key.of(headers[i], Metadata.ASCII_STRING_MARSHALLER), headers[i + 1]);
        }
        var channel =
                NettyChannelBuilder.forAddress(agent.grpc()).usePlaintext().build();
        try {
            var request = ModelInferRequest.newBuilder()
                    .setModelName("m")
                    .setId("g")
                    .addInputs(InferInputTensor.newBuilder()
                            .setName("INPUT0")
                            .setDatatype("FP32")
                            .addShape(1)
                            .addShape(16))
                    .addRawInputContents(ByteString.copyFrom(new byte[64]));
            ClientCalls.blockingUnaryCall(
                    ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(metadata)),
                    Method.MODEL_INFER,
                    CallOptions.DEFAULT,
                    request.build());
        } finally {
            channel.shutdownNow();
        }
    }

    private String read(String name) {
        try {
            var file = folder.resolve(name);
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    @Test
    void writesTheMomentsOfARequestToTheFile() throws Exception {
        try (var agent = RunningAgent.serving(
                repository(),
                "--trace-config=triton,file=" + folder.resolve("trace.json"),
                "--trace-config=level=TIMESTAMPS",
                "--trace-config=rate=1")) {
            agent.post(INFER, body("seven"));
            await().until(() -> read("trace.json").contains("HTTP_SEND_END"));
            var text = read("trace.json");
            assertThat(text)
                    .startsWith(
                            "[\n{\"id\":1,\"model_name\":\"m\",\"model_version\":1,\"request_id\":\"seven\"},{\"id\":1,\"timestamps\":[{\"name\":\"HTTP_RECV_START\",\"ns\":")
                    .endsWith("}\n]\n")
                    .contains(
                            "HTTP_RECV_END",
                            "REQUEST_START",
                            "QUEUE_START",
                            "COMPUTE_START",
                            "COMPUTE_INPUT_END",
                            "COMPUTE_OUTPUT_START",
                            "COMPUTE_END",
                            "REQUEST_END",
                            "INFER_RESPONSE_COMPLETE",
                            "HTTP_SEND_START");

            callOverGrpc(agent);
            await().until(() -> read("trace.json").contains("GRPC_SEND_END"));
            assertThat(read("trace.json")).contains("\n]\n").contains("GRPC_WAITREAD_START", "\"request_id\":\"g\"");
            agent.post(INFER, "{");
            await().until(() -> read("trace.json").contains("{\"id\":3,"));
        }
        assertThat(read("trace.json")).endsWith("\n]\n");
    }

    @Test
    void writesTensorsWhenTheyAreAskedFor() throws Exception {
        try (var agent =
                RunningAgent.serving(repository(), "--trace-file=" + folder.resolve("trace.json"), "--trace-rate=1")) {
            assertThat(agent.post("/v2/models/m/trace/setting", "{\"trace_level\":[\"TENSORS\"]}")
                            .statusCode())
                    .isEqualTo(200);
            agent.post("/v2/models/other/infer", body("untraced"));
            agent.post(INFER, body("traced"));
            await().until(() -> read("trace.json").contains("TENSOR_BACKEND_OUTPUT"));
            assertThat(read("trace.json"))
                    .contains("\"activity\":\"TENSOR_QUEUE_INPUT\",\"tensor\":{\"name\":\"INPUT0\",\"data\":\"0.5,0.5,")
                    .contains("\"shape\":\"1,16\",\"dtype\":\"FP32\"")
                    .contains("\"name\":\"OUTPUT0\"")
                    .doesNotContain("untraced");
        }
    }

    @Test
    void takesEverySoManyUntilThereAreEnoughAndNumbersTheFiles() throws Exception {
        try (var agent = RunningAgent.serving(
                repository(),
                "--trace-config=triton,file=" + folder.resolve("trace"),
                "--trace-config=triton,log-frequency=2",
                "--trace-config=level=TIMESTAMPS",
                "--trace-config=rate=2",
                "--trace-config=count=3")) {
            for (int i = 1; i <= 10; i++) {
                agent.post(INFER, body("n" + i));
            }
            await().until(() -> read("trace.1").contains("\"n6\""));
            assertThat(read("trace.0")).contains("\"n2\"", "\"n4\"").doesNotContain("\"n6\"");
            assertThat(read("trace.1")).doesNotContain("\"n8\"");
            assertThat(agent.get("/v2/trace/setting").body())
                    .contains("\"trace_count\":\"0\"", "\"trace_mode\":\"triton\"");
        }
    }

    @Test
    void showsTheStepsOfAnEnsembleBelowIt() throws Exception {
        var repository = repository().identity("e", """
                platform: "ensemble"
                max_batch_size: 64
                input { name: "INPUT0" data_type: TYPE_FP32 dims: 16 }
                output { name: "OUTPUT0" data_type: TYPE_FP32 dims: 16 }
                ensemble_scheduling {
                  step { model_name: "m" input_map { key: "INPUT0" value: "INPUT0" }
                    output_map { key: "OUTPUT0" value: "between" } }
                  step { model_name: "other" input_map { key: "INPUT0" value: "between" }
                    output_map { key: "OUTPUT0" value: "OUTPUT0" } }
                }
                """);
        try (var collector = Collector.start();
                var agent = RunningAgent.serving(
                        repository,
                        "--trace-config=triton,file=" + folder.resolve("trace.json"),
                        "--trace-config=level=TIMESTAMPS",
                        "--trace-config=rate=1");
                var exporting = RunningAgent.serving(
                        repository,
                        "--trace-config=mode=opentelemetry",
                        "--trace-config=level=TIMESTAMPS",
                        "--trace-config=rate=1",
                        "--trace-config=opentelemetry,url=" + collector.url(),
                        "--trace-config=opentelemetry,bsp_schedule_delay=50")) {
            agent.post("/v2/models/e/infer", body("seven"));
            await().until(() -> read("trace.json").contains("HTTP_SEND_END"));
            assertThat(read("trace.json"))
                    .contains("{\"id\":1,\"model_name\":\"e\",\"model_version\":1,\"request_id\":\"seven\"}")
                    .contains(
                            "{\"id\":2,\"model_name\":\"m\",\"model_version\":1,\"request_id\":\"seven\",\"parent_id\":1}")
                    .contains(
                            "{\"id\":3,\"model_name\":\"other\",\"model_version\":1,\"request_id\":\"seven\",\"parent_id\":1}")
                    .contains("{\"id\":3,\"timestamps\":[{\"name\":\"COMPUTE_START\"");

            exporting.post("/v2/models/e/infer", body("seven"));
            await().until(() -> collector.spans().size() == 6);
            var ensemble = collector.span("e");
            assertThat(ensemble.getParentSpanId())
                    .isEqualTo(collector.span("InferRequest").getSpanId());
            assertThat(collector.span("m").getParentSpanId()).isEqualTo(ensemble.getSpanId());
            assertThat(collector.span("other").getParentSpanId()).isEqualTo(ensemble.getSpanId());
        }
    }

    @Test
    void refusesToTraceWithoutAFile() throws Exception {
        try (var agent = RunningAgent.serving(repository())) {
            var refused = agent.post("/v2/trace/setting", "{\"trace_level\":[\"TIMESTAMPS\"]}");
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.body()).contains("trace file name is not given");
            assertThat(agent.get("/v2/trace/setting").body()).contains("\"trace_level\":[\"OFF\"]");
        }
    }

    private record Collector(HttpServer server, List<ExportTraceServiceRequest> received) implements AutoCloseable {
        static Collector start() throws IOException {
            var received = new CopyOnWriteArrayList<ExportTraceServiceRequest>();
            var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/v1/traces", exchange -> {
                received.add(ExportTraceServiceRequest.parseFrom(exchange.getRequestBody()));
                exchange.sendResponseHeaders(200, -1);
                exchange.close();
            });
            server.start();
            return new Collector(server, received);
        }

        String url() {
            return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1/traces";
        }

        List<Span> spans() {
            return received.stream()
                    .flatMap(request -> request.getResourceSpansList().stream())
                    .flatMap(resource -> resource.getScopeSpansList().stream())
                    .flatMap(scope -> scope.getSpansList().stream())
                    .toList();
        }

        Span span(String name) {
            return spans().stream()
                    .filter(span -> span.getName().equals(name))
                    .findFirst()
                    .orElseThrow();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    private static List<String> events(Span span) {
        return span.getEventsList().stream().map(Span.Event::getName).toList();
    }

    private static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    @Test
    void sendsSpansThatContinueTheCallersTrace() throws Exception {
        try (var collector = Collector.start();
                var agent = RunningAgent.serving(
                        repository(),
                        "--trace-config=mode=opentelemetry",
                        "--trace-config=level=TIMESTAMPS",
                        "--trace-config=rate=0",
                        "--trace-config=opentelemetry,url=" + collector.url(),
                        "--trace-config=opentelemetry,bsp_schedule_delay=50",
                        "--trace-config=opentelemetry,resource=service.name=agent")) {
            agent.post(INFER, body("unasked"));
            agent.post(INFER, body("unsampled"), "traceparent", TRACEPARENT.replace("-01", "-00"));
            agent.post(INFER, body("seven"), "traceparent", TRACEPARENT);
            await().until(() -> collector.spans().size() == 3);

            var root = collector.span("InferRequest");
            var model = collector.span("m");
            var compute = collector.span("compute");
            assertThat(hex(root.getTraceId())).isEqualTo(TRACE_ID);
            assertThat(hex(root.getParentSpanId())).isEqualTo(CALLER);
            assertThat(model.getParentSpanId()).isEqualTo(root.getSpanId());
            assertThat(compute.getParentSpanId()).isEqualTo(model.getSpanId());
            assertThat(events(root))
                    .containsExactly(
                            "HTTP_RECV_START",
                            "HTTP_RECV_END",
                            "INFER_RESPONSE_COMPLETE",
                            "HTTP_SEND_START",
                            "HTTP_SEND_END");
            assertThat(events(model)).containsExactly("REQUEST_START", "QUEUE_START", "REQUEST_END");
            assertThat(events(compute))
                    .containsExactly("COMPUTE_START", "COMPUTE_INPUT_END", "COMPUTE_OUTPUT_START", "COMPUTE_END");
            assertThat(root.getStartTimeUnixNano()).isLessThanOrEqualTo(model.getStartTimeUnixNano());
            assertThat(model.getStartTimeUnixNano()).isLessThanOrEqualTo(compute.getStartTimeUnixNano());
            assertThat(compute.getEndTimeUnixNano()).isLessThanOrEqualTo(root.getEndTimeUnixNano());
            assertThat(model.getAttributesList().toString())
                    .contains("triton.model_name", "triton.request_id", "seven");
            assertThat(collector.received().getFirst().toString()).contains("service.name", "\"agent\"");

            callOverGrpc(agent, "traceparent", TRACEPARENT);
            await().until(() -> collector.spans().size() == 6);
            assertThat(collector.spans())
                    .allSatisfy(span -> assertThat(hex(span.getTraceId())).isEqualTo(TRACE_ID));
            assertThat(agent.post("/v2/trace/setting", "{\"trace_level\":[\"TENSORS\"]}")
                            .statusCode())
                    .isEqualTo(501);
        }
    }

    @Test
    void servesOnWhenNobodyCollects() throws Exception {
        try (var agent = RunningAgent.serving(
                repository(),
                "--trace-config=mode=opentelemetry",
                "--trace-config=level=TIMESTAMPS",
                "--trace-config=rate=1",
                "--trace-config=opentelemetry,url=http://127.0.0.1:1/v1/traces",
                "--trace-config=opentelemetry,bsp_max_queue_size=16",
                "--trace-config=opentelemetry,bsp_max_export_batch_size=16")) {
            for (int i = 0; i < 200; i++) {
                assertThat(agent.post(INFER, body("n")).statusCode()).isEqualTo(200);
            }
        }
    }
}
