package io.shusuan.agent;

import com.google.protobuf.ByteString;
import io.shusuan.agent.engine.Folders;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Starts an agent on free ports, calls it and ends it, so that a JVM told to write a start-up cache sees the classes and the paths
 * that a real start takes.
 */
final class Rehearsal {
    private static final int ROUNDS = 200;
    private static final int INPUTS = 64;

    private Rehearsal() {}

    static void run() throws IOException, UsageException, StartException, InterruptedException {
        var repository = Files.createTempDirectory("shusuan-rehearsal");
        try {
            var version = Files.createDirectories(repository.resolve("rehearsal/1"));
            try (var model = Rehearsal.class.getResourceAsStream("rehearsal.onnx")) {
                if (model == null) {
                    throw new IOException("the agent's jar has no rehearsal.onnx");
                }
                Files.copy(model, version.resolve("model.onnx"));
            }
            var arguments =
                    List.of("--model-repository=" + repository, "--http-port=0", "--grpc-port=0", "--metrics-port=0");
            try (var agent = Agent.start(CommandLine.parse(arguments, Map.of()).options(), Agent.backends())) {
                var http = agent.httpAddress().orElseThrow();
                get(http, "/v2/health/ready");
                get(http, "/v2/models/rehearsal");
                for (int i = 0; i < ROUNDS; i++) {
                    infer(http);
                }
                var request = inferRequest("rehearsal", "image");
                try (var grpc = new RehearsedGrpc(agent.grpcAddress().orElseThrow())) {
                    for (int i = 0; i < ROUNDS; i++) {
                        grpc.infer(request);
                    }
                }
            }
        } finally {
            Folders.delete(repository);
        }
    }

    static ModelInferRequest inferRequest(String model, String input) {
        var numbers = ByteBuffer.allocate(Float.BYTES * INPUTS).order(ByteOrder.LITTLE_ENDIAN);
        while (numbers.hasRemaining()) {
            numbers.putFloat(0.5f);
        }
        return ModelInferRequest.newBuilder()
                .setModelName(model)
                .addInputs(ModelInferRequest.InferInputTensor.newBuilder()
                        .setName(input)
                        .setDatatype("FP32")
                        .addShape(1)
                        .addShape(INPUTS))
                .addRawInputContents(ByteString.copyFrom(numbers.flip()))
                .build();
    }

    private static void get(InetSocketAddress address, String path) throws IOException {
        read((HttpURLConnection) url(address, path).toURL().openConnection());
    }

    private static void infer(InetSocketAddress address) throws IOException {
        var call = (HttpURLConnection)
                url(address, "/v2/models/rehearsal/infer").toURL().openConnection();
        call.setDoOutput(true);
        var numbers = String.join(",", Collections.nCopies(INPUTS, "0.5"));
        var body = "{\"inputs\":[{\"name\":\"image\",\"shape\":[1," + INPUTS + "],\"datatype\":\"FP32\",\"data\":["
                + numbers + "]}]}";
        try (var out = call.getOutputStream()) {
            out.write(body.getBytes(StandardCharsets.UTF_8));
        }
        read(call);
    }

    private static URI url(InetSocketAddress address, String path) {
        return URI.create("http://" + Ports.text(address) + path);
    }

    private static void read(HttpURLConnection call) throws IOException {
        try (var in = call.getInputStream()) {
            in.readAllBytes();
        }
    }
}
