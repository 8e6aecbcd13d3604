package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.shusuan.agent.inference.ByteStrings;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import io.shusuan.agent.protocol.grpc.proto.InferTensorContents;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Headers that a model gets as parameters of the request. */
class HeaderForwardingTest {
    private static final String ASK = "\"inputs\":[{\"name\":\"I\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1]}]";

    @TempDir
    private Path folder;

    /** Answers with the parameters it was called with. */
    private static final class ParametersBackend extends TestBackend {
        ParametersBackend() {
            super("parameters");
        }

        @Override
        List<Tensor> run(InferenceRequest request) {
            var told = new TreeMap<>(request.parameters().others()).toString();
            return List.of(new Tensor("O", DataType.BYTES, Shape.of(1), ByteStrings.encode(List.of(told))));
        }
    }

    private RunningAgent agent(String pattern) throws InterruptedException {
        var repository = new ModelRepository(folder).identity("m", """
                backend: "parameters"
                input { name: "I" data_type: TYPE_FP32 dims: 1 }
                output { name: "O" data_type: TYPE_STRING dims: 1 }
                """);
        return RunningAgent.serving(
                repository,
                new ParametersBackend(),
                "--http-header-forward-pattern=" + pattern,
                "--grpc-header-forward-pattern=" + pattern);
    }

    @Test
    void givesThoseOfHttpThatTheirNamesChooseWhateverTheirCase() throws Exception {
        try (var agent = agent("PREFIX_.*")) {
            assertThat(agent.post(
                                    "/v2/models/m/infer",
                                    "{" + ASK + ",\"parameters\":{\"prefix_mine\":7}}",
                                    "prefix_user",
                                    "ann",
                                    "prefix_mine",
                                    "never",
                                    "other",
                                    "x")
                            .body())
                    .endsWith("\"data\":[\"{prefix_mine=Whole[value=7], prefix_user=Text[value=ann]}\"]}]}");
            assertThat(agent.post("/v2/models/m/generate", "{\"I\":1}", "Prefix_User", "ann")
                            .body())
                    .contains("{Prefix_User=Text[value=ann]}");
        }
    }

    @Test
    void heedsTheCaseWhereThePatternSaysSo() throws Exception {
        try (var agent = agent("(?-i)PREFIX_.*")) {
            assertThat(agent.post("/v2/models/m/infer", "{" + ASK + "}", "prefix_user", "ann", "PREFIX_team", "vision")
                            .body())
                    .endsWith("\"data\":[\"{PREFIX_team=Text[value=vision]}\"]}]}");
        }
    }

    @Test
    void givesThoseOfGrpc() throws Exception {
        try (var agent = agent("PREFIX_.*")) {
            var metadata = new Metadata();
            metadata.put(Metadata.Key.of("prefix_user", Metadata.ASCII_STRING_MARSHALLER), "ann");
            metadata.put(Metadata.Key.of("other", Metadata.ASCII_STRING_MARSHALLER), "x");
            var channel =
                    NettyChannelBuilder.forAddress(agent.grpc()).usePlaintext().build();
            try {
                var answer = ClientCalls.blockingUnaryCall(
                        ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(metadata)),
                        Method.MODEL_INFER,
                        CallOptions.DEFAULT,
                        ModelInferRequest.newBuilder()
                                .setModelName("m")
                                .addInputs(ModelInferRequest.InferInputTensor.newBuilder()
                                        .setName("I")
                                        .setDatatype("FP32")
                                        .addShape(1)
                                        .setContents(
                                                InferTensorContents.newBuilder().addFp32Contents(1)))
                                .build());
                assertThat(answer.getRawOutputContents(0).substring(4).toStringUtf8())
                        .isEqualTo("{prefix_user=Text[value=ann]}");
            } finally {
                channel.shutdownNow();
            }
        }
    }
}
