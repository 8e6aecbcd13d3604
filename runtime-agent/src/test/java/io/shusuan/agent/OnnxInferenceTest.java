package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.shusuan.agent.protocol.grpc.proto.InferTensorContents;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest.InferInputTensor;
import io.shusuan.agent.protocol.grpc.proto.ModelInferResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxInferenceTest {
    @TempDir
    private static Path folder;

    private static RunningAgent agent;

    @BeforeAll
    static void start() throws InterruptedException {
        agent = RunningAgent.serving(new ModelRepository(folder)
                .onnx("add_sub", 1, "add_sub")
                .onnx("all_types", 1, "all_types")
                .onnx("nonzero", 1, "nonzero")
                .onnx("unsigned", 1, "unsigned")
                .onnx("fails_sometimes", 1, "fails_sometimes")
                .onnx("mlp", 1, "mlp")
                .config("mlp", "instance_group { count: 2 kind: KIND_CPU }"));
    }

    @AfterAll
    static void stop() {
        agent.close();
    }

    @Test
    void completesTheConfigurationFromTheFile() throws Exception {
        assertThat(agent.get("/v2/models/mlp/config").body())
                .contains("\"platform\":\"onnxruntime_onnx\"", "\"backend\":\"onnxruntime\"", "\"max_batch_size\":4")
                .contains("\"name\":\"image\",\"data_type\":\"TYPE_FP32\",\"format\":\"FORMAT_NONE\",\"dims\":[64]")
                .contains("\"dynamic_batching\":{", "\"count\":2", "\"default_model_filename\":\"model.onnx\"");
        assertThat(agent.get("/v2/models/all_types/config").body()).contains("\"max_batch_size\":0", "\"dims\":[2,2]");
    }

    @Test
    void answersSeveralOutputsInTheOrderAsked() throws Exception {
        var inputs =
                "\"inputs\":[{\"data\":[[1,2,3,4],[5,6,7,8]],\"name\":\"A\",\"shape\":[2,4],\"datatype\":\"INT32\"},"
                        + "{\"name\":\"B\",\"shape\":[2,4],\"datatype\":\"INT32\",\"data\":[1,1,1,1,2,2,2,2]}]";

        assertThat(agent.post("/v2/models/add_sub/infer", "{" + inputs + "}").body())
                .endsWith(
                        "\"outputs\":[{\"name\":\"SUM\",\"datatype\":\"INT32\",\"shape\":[2,4],\"data\":[2,3,4,5,7,8,9,10]},"
                                + "{\"name\":\"DIFFERENCE\",\"datatype\":\"INT32\",\"shape\":[2,4],\"data\":[0,1,2,3,3,4,5,6]}]}");
        assertThat(agent.post("/v2/models/add_sub/infer", "{" + inputs + ",\"outputs\":[{\"name\":\"DIFFERENCE\"}]}")
                        .body())
                .endsWith(
                        "\"outputs\":[{\"name\":\"DIFFERENCE\",\"datatype\":\"INT32\",\"shape\":[2,4],\"data\":[0,1,2,3,3,4,5,6]}]}");
    }

    @Test
    void carriesEveryTypeAsBytesUnchanged() throws Exception {
        var sizes = new Object[][] {
            {"BOOL", 1},
            {"UINT8", 1},
            {"UINT16", 2},
            {"UINT32", 4},
            {"UINT64", 8},
            {"INT8", 1},
            {"INT16", 2},
            {"INT32", 4},
            {"INT64", 8},
            {"FP16", 2},
            {"BF16", 2},
            {"FP32", 4},
            {"FP64", 8},
            {"BYTES", 0}
        };
        var inputs = new ArrayList<String>();
        var tensors = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);
        for (var type : sizes) {
            int begin = tensors.position();
            for (int element = 0; element < 4; element++) {
                if (type[0].equals("BYTES")) {
                    var text = List.of("a", "", "数算岛", "ünï").get(element).getBytes(StandardCharsets.UTF_8);
                    tensors.putInt(text.length).put(text);
                } else {
                    var bytes = new byte[(int) type[1]];
                    bytes[0] = (byte) (element % 2);
                    tensors.put(bytes);
                }
            }
            inputs.add(
                    "{\"name\":\"IN_%s\",\"shape\":[2,2],\"datatype\":\"%s\",\"parameters\":{\"binary_data_size\":%d}}"
                            .formatted(type[0], type[0], tensors.position() - begin));
        }
        byte[] sent = Arrays.copyOf(tensors.array(), tensors.position());
        var json = "{\"parameters\":{\"binary_data_output\":true},\"inputs\":[" + String.join(",", inputs) + "]}";

        var answer = agent.postBinary("/v2/models/all_types/infer", json, sent);

        assertThat(answer.statusCode())
                .as(new String(answer.body(), StandardCharsets.UTF_8))
                .isEqualTo(200);
        int head = Integer.parseInt(
                answer.headers().firstValue("inference-header-content-length").orElseThrow());
        assertThat(Arrays.copyOfRange(answer.body(), head, answer.body().length))
                .isEqualTo(sent);
    }

    /** The largest there are, which would be −1 with a sign, made wider and narrower by the model. */
    @Test
    void servesUnsignedNumbersOverHttp() throws Exception {
        var answer = agent.post(
                "/v2/models/unsigned/infer",
                "{\"inputs\":[{\"name\":\"U16\",\"shape\":[2],\"datatype\":\"UINT16\",\"data\":[65535,1]},"
                        + "{\"name\":\"U32\",\"shape\":[2],\"datatype\":\"UINT32\",\"data\":[4294967295,2]},"
                        + "{\"name\":\"U64\",\"shape\":[2],\"datatype\":\"UINT64\",\"data\":[18446744073709551615,3]}]}");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body())
                .contains("\"WIDE_U16\",\"datatype\":\"UINT64\",\"shape\":[2],\"data\":[65535,1]")
                .contains("\"WIDE_U32\",\"datatype\":\"UINT64\",\"shape\":[2],\"data\":[4294967295,2]")
                .contains("\"WIDE_U64\",\"datatype\":\"UINT64\",\"shape\":[2],\"data\":[18446744073709551615,3]")
                .contains("\"FLOAT_U16\",\"datatype\":\"FP64\",\"shape\":[2],\"data\":[65535.0,1.0]")
                .contains("\"FLOAT_U32\",\"datatype\":\"FP64\",\"shape\":[2],\"data\":[4.294967295E9,2.0]")
                .contains("\"LOW_U16\",\"datatype\":\"UINT16\",\"shape\":[2],\"data\":[65535,3]")
                .contains("\"LOW_U32\",\"datatype\":\"UINT32\",\"shape\":[2],\"data\":[4294967295,3]");
        assertThat(agent.get("/v2/models/unsigned").body())
                .contains("{\"name\":\"U16\",\"datatype\":\"UINT16\",\"shape\":[-1]}");
    }

    @Test
    void servesUnsignedNumbersOverGrpc() throws Exception {
        var channel =
                NettyChannelBuilder.forAddress(agent.grpc()).usePlaintext().build();
        try {
            var answer = ClientCalls.blockingUnaryCall(
                    channel,
                    Method.MODEL_INFER,
                    CallOptions.DEFAULT,
                    ModelInferRequest.newBuilder()
                            .setModelName("unsigned")
                            .addInputs(unsigned(
                                    "U16", InferTensorContents.newBuilder().addUintContents(0xffff)))
                            .addInputs(unsigned(
                                    "U32", InferTensorContents.newBuilder().addUintContents(-1)))
                            .addInputs(unsigned(
                                    "U64", InferTensorContents.newBuilder().addUint64Contents(-1)))
                            .build());

            assertThat(answer.getOutputsList())
                    .extracting(ModelInferResponse.InferOutputTensor::getName)
                    .startsWith("WIDE_U16", "WIDE_U32", "WIDE_U64");
            assertThat(answer.getRawOutputContentsList().subList(0, 3))
                    .extracting(bytes -> bytes.asReadOnlyByteBuffer()
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong())
                    .containsExactly(0xffffL, 0xffffffffL, -1L);
        } finally {
            channel.shutdownNow();
        }
    }

    private static InferInputTensor unsigned(String name, InferTensorContents.Builder contents) {
        return InferInputTensor.newBuilder()
                .setName(name)
                .setDatatype(name.replace("U", "UINT"))
                .addShape(1)
                .setContents(contents)
                .build();
    }

    @Test
    void copiesAnOutputWhoseSizeOnlyTheRunKnows() throws Exception {
        assertThat(agent.post(
                                "/v2/models/nonzero/infer",
                                "{\"inputs\":[{\"name\":\"X\",\"shape\":[5],\"datatype\":\"FP32\",\"data\":[0,1.5,0,-2,3]}]}")
                        .body())
                .endsWith("{\"name\":\"INDICES\",\"datatype\":\"INT64\",\"shape\":[1,3],\"data\":[1,3,4]}]}");
        assertThat(agent.post(
                                "/v2/models/nonzero/infer",
                                "{\"inputs\":[{\"name\":\"X\",\"shape\":[2],\"datatype\":\"FP32\",\"data\":[0,0]}]}")
                        .body())
                .endsWith("\"shape\":[1,0],\"data\":[]}]}");
    }

    @Test
    void saysWhatTheEngineSaidAndGoesOn() throws Exception {
        var path = "/v2/models/fails_sometimes/infer";
        var failed = agent.post(
                path, "{\"inputs\":[{\"name\":\"INDEX\",\"shape\":[1],\"datatype\":\"INT64\",\"data\":[9]}]}");
        assertThat(failed.statusCode()).isEqualTo(500);
        assertThat(failed.body()).contains("onnx runtime error 2: ", "indices element out of data bounds");

        assertThat(agent.post(
                                path,
                                "{\"inputs\":[{\"name\":\"INDEX\",\"shape\":[2],\"datatype\":\"INT64\",\"data\":[3,0]}]}")
                        .body())
                .contains("\"data\":[3.0,0.0]");
        assertThat(agent.metrics())
                .contains(
                        "nv_inference_request_failure{model=\"fails_sometimes\",reason=\"BACKEND\",version=\"1\"} 1\n");
    }
}
