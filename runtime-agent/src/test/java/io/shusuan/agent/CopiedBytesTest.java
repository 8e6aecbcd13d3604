package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.shusuan.agent.inference.CopiedBytes;
import io.shusuan.agent.protocol.grpc.Method;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest.InferInputTensor;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tensor that comes over TCP is copied once on its way to the engine, and not at all on its way back. */
class CopiedBytesTest {
    private static final int ROWS = 16 << 10;
    private static final byte[] TENSOR = new byte[ROWS * 16 * Float.BYTES];

    static {
        new Random(7).nextBytes(TENSOR);
    }

    @TempDir
    private Path folder;

    private RunningAgent serving() throws InterruptedException {
        return RunningAgent.serving(
                new ModelRepository(folder).onnx("m", 1, "identity").config("m", """
                max_batch_size: 0
                input { name: "INPUT0" data_type: TYPE_FP32 dims: [ -1, 16 ] }
                output { name: "OUTPUT0" data_type: TYPE_FP32 dims: [ -1, 16 ] }
                """));
    }

    @Test
    void onceOverHttp() throws Exception {
        var json = "{\"inputs\":[{\"name\":\"INPUT0\",\"shape\":[" + ROWS + ",16],\"datatype\":\"FP32\","
                + "\"parameters\":{\"binary_data_size\":" + TENSOR.length
                + "}}],\"parameters\":{\"binary_data_output\":true}}";
        try (var agent = serving()) {
            long before = CopiedBytes.total();
            var answer = agent.postBinary("/v2/models/m/infer", json, TENSOR);
            assertThat(CopiedBytes.total() - before).isEqualTo(json.length() + TENSOR.length);
            assertThat(answer.body()).endsWith(TENSOR);
            assertThat(agent.metrics()).contains("shusuan_tensor_copied_bytes_total");
        }
    }

    @Test
    void onceOverGrpc() throws Exception {
        var message = ModelInferRequest.newBuilder()
                .setModelName("m")
                .addInputs(InferInputTensor.newBuilder()
                        .setName("INPUT0")
                        .setDatatype("FP32")
                        .addShape(ROWS)
                        .addShape(16))
                .addRawInputContents(ByteString.copyFrom(TENSOR))
                .build();
        try (var agent = serving()) {
            var channel =
                    NettyChannelBuilder.forAddress(agent.grpc()).usePlaintext().build();
            long before = CopiedBytes.total();
            var answer = ClientCalls.blockingUnaryCall(channel, Method.MODEL_INFER, CallOptions.DEFAULT, message);
            assertThat(CopiedBytes.total() - before).isEqualTo(TENSOR.length);
            assertThat(answer.getRawOutputContents(0).toByteArray()).isEqualTo(TENSOR);
            channel.shutdownNow();
        }
    }
}
