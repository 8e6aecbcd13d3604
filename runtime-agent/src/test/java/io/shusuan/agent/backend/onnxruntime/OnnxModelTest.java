package io.shusuan.agent.backend.onnxruntime;

import static io.shusuan.agent.backend.onnxruntime.OpenModel.floats;
import static io.shusuan.agent.backend.onnxruntime.OpenModel.tensor;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models in the engine, and that nothing native is left of them. */
class OnnxModelTest {
    private static final CountedApi api = new CountedApi();
    private static final OnnxRuntime engine = api.engine();

    @TempDir
    private Path folder;

    @AfterEach
    void nothingNativeIsLeft() {
        assertThat(api.calls(OrtFunction.RELEASE_SESSION_OPTIONS))
                .isEqualTo(api.calls(OrtFunction.CREATE_SESSION_OPTIONS));
        assertThat(api.calls(OrtFunction.RELEASE_RUN_OPTIONS)).isEqualTo(api.calls(OrtFunction.CREATE_RUN_OPTIONS));
        assertThat(api.calls(OrtFunction.RELEASE_TENSOR_TYPE_AND_SHAPE_INFO))
                .isEqualTo(api.calls(OrtFunction.GET_TENSOR_TYPE_AND_SHAPE));
    }

    private static long tensorsMade() {
        return api.calls(OrtFunction.CREATE_TENSOR_AS_ORT_VALUE)
                + api.calls(OrtFunction.CREATE_TENSOR_WITH_DATA_AS_ORT_VALUE);
    }

    private static byte[] strings(byte[]... elements) {
        var wire = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);
        for (var element : elements) {
            wire.putInt(element.length).put(element);
        }
        return Arrays.copyOf(wire.array(), wire.position());
    }

    private static float[] row(float value) {
        var row = new float[16];
        Arrays.fill(row, value);
        return row;
    }

    private static byte[] bytes(float... values) {
        var wire = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            wire.putFloat(value);
        }
        return wire.array();
    }

    @Test
    void leavesNothingOf500LoadsAndUnloads() throws Exception {
        var garbage = Files.createDirectories(folder.resolve("garbage"));
        Files.writeString(garbage.resolve("model.onnx"), "this is no model");
        long sessions = api.calls(OrtFunction.CREATE_SESSION);
        long released = api.calls(OrtFunction.RELEASE_SESSION);
        long made = tensorsMade();
        long values = api.calls(OrtFunction.RELEASE_VALUE);
        for (int round = 0; round < 500; round++) {
            try (var model = OpenModel.of(engine, folder, "identity")) {
                assertThat(model.run(floats("INPUT0", Shape.of(1, 16), row(round))))
                        .containsEntry("OUTPUT0[1,16]", bytes(row(round)));
            }
            if (round % 10 == 0) {
                assertThatThrownBy(() -> OpenModel.of(engine, garbage))
                        .isInstanceOf(LoadException.class)
                        .hasMessageContaining("Protobuf parsing failed");
            }
        }
        assertThat(api.calls(OrtFunction.CREATE_SESSION) - sessions).isEqualTo(550);
        assertThat(api.calls(OrtFunction.RELEASE_SESSION) - released).isEqualTo(500);
        assertThat(tensorsMade() - made).isEqualTo(1000);
        assertThat(api.calls(OrtFunction.RELEASE_VALUE) - values).isEqualTo(1000);
    }

    @Test
    void runsOneSessionOnTwoThreadsAndKeepsItWhileTheyUseIt() throws Exception {
        long released = api.calls(OrtFunction.RELEASE_SESSION);
        var model = OpenModel.of(engine, folder, "identity");
        var second = model.model().instance(1);
        model.model().close();
        try (var threads = Executors.newFixedThreadPool(2)) {
            var runs = List.of(running(model.instance(), 1), running(second, 2));
            for (var run : threads.invokeAll(runs)) {
                assertThat(run.get()).isEqualTo(2000);
            }
        }
        model.instance().close();
        assertThat(api.calls(OrtFunction.RELEASE_SESSION)).isEqualTo(released);
        second.close();
        assertThat(api.calls(OrtFunction.RELEASE_SESSION)).isEqualTo(released + 1);
    }

    private static Callable<Integer> running(BackendInstance instance, int step) {
        return () -> {
            int right = 0;
            for (int i = 0; i < 2000; i++) {
                var answer = OpenModel.run(instance, floats("INPUT0", Shape.of(1, 16), row(i * step)));
                right += Arrays.equals(answer.get("OUTPUT0[1,16]"), bytes(row(i * step))) ? 1 : 0;
            }
            return right;
        };
    }

    @Test
    void refusesWhatWouldReadPastTheMemoryAndGoesOn() throws Exception {
        try (var model = OpenModel.of(engine, folder, "identity")) {
            refused(model, "not enough space", floats("INPUT0", Shape.of(4, 16), row(1)));
            refused(model, "negative", floats("INPUT0", Shape.of(-1, 16), row(1)));
            refused(model, "Invalid rank", floats("INPUT0", Shape.of(16), row(1)));
            refused(model, "Got invalid dimensions", floats("INPUT0", Shape.of(2, 8), row(1)));
            refused(
                    model,
                    "Unexpected input data type",
                    tensor("INPUT0", DataType.INT32, Shape.of(1, 16), new byte[64]));
            refused(model, "no input 'OTHER'", floats("OTHER", Shape.of(1, 16), row(1)));
            refused(
                    model,
                    "fewer inputs",
                    floats("INPUT0", Shape.of(1, 16), row(1)),
                    floats("INPUT0", Shape.of(1, 16), row(1)));
            refused(model, "no tensor for its input 'INPUT0'");
            assertThat(model.run(floats("INPUT0", Shape.of(1, 16), row(3))))
                    .containsEntry("OUTPUT0[1,16]", bytes(row(3)));
        }
        try (var model = OpenModel.of(engine, folder, "split")) {
            refused(
                    model,
                    "fewer than 2 strings",
                    tensor("TEXT", DataType.BYTES, Shape.of(2), strings("a".getBytes(UTF_8))));
            refused(model, "fewer than 1 strings", tensor("TEXT", DataType.BYTES, Shape.of(1), new byte[] {9, 0, 0, 0, 1
            }));
        }
    }

    private static void refused(OpenModel model, String why, Tensor... inputs) {
        long made = tensorsMade();
        long released = api.calls(OrtFunction.RELEASE_VALUE);
        assertThatThrownBy(() -> model.run(inputs))
                .isInstanceOf(ServingException.class)
                .hasMessageContaining(why);
        assertThat(api.calls(OrtFunction.RELEASE_VALUE) - released)
                .as("more may have been refused than made")
                .isLessThanOrEqualTo(tensorsMade() - made);
    }

    /** Strings that the engine makes, as many as only the run knows; what is no text is carried like the rest. */
    @Test
    void carriesStringsAsTheBytesTheyAre() throws Exception {
        byte[] noText = {(byte) 0xff, 0, ',', (byte) 0xc0};
        try (var model = OpenModel.of(engine, folder, "split")) {
            var text =
                    tensor("TEXT", DataType.BYTES, Shape.of(3), strings("数,,算岛".getBytes(UTF_8), new byte[0], noText));
            assertThat(model.run(text)).containsKey("COUNT[3]").containsEntry("PARTS[3,3]", parts());
        }
    }

    private static byte[] parts() {
        var nothing = new byte[0];
        return strings(
                "数".getBytes(UTF_8),
                nothing,
                "算岛".getBytes(UTF_8),
                nothing,
                nothing,
                nothing,
                new byte[] {(byte) 0xff, 0},
                new byte[] {(byte) 0xc0},
                nothing);
    }

    @Test
    void carriesScalarsAndNothing() throws Exception {
        try (var model = OpenModel.of(engine, folder, "scalar")) {
            assertThat(model.run(floats("X", Shape.of(), 21))).containsExactly(Map.entry("TWICE[]", bytes(42)));
        }
        try (var model = OpenModel.of(engine, folder, "identity")) {
            assertThat(model.run(floats("INPUT0", Shape.of(0, 16))))
                    .containsExactly(Map.entry("OUTPUT0[0,16]", bytes()));
        }
        try (var model = OpenModel.of(engine, folder, "nonzero")) {
            assertThat(model.run(floats("X", Shape.of(3), 0, 0, 0)))
                    .containsExactly(Map.entry("INDICES[1,0]", new byte[0]));
        }
        try (var model = OpenModel.of(engine, folder, "split")) {
            assertThat(model.run(tensor("TEXT", DataType.BYTES, Shape.of(0), new byte[0])))
                    .containsOnlyKeys("COUNT[0]", "PARTS[0,0]");
        }
    }

    @Test
    void endsARunThatNobodyWaitsForAndRunsTheNext() throws Exception {
        var input = new byte[512 * 512 * Float.BYTES];
        try (var model = OpenModel.of(engine, folder, "slow");
                var cancelled = OpenModel.request(tensor("X", DataType.FP32, Shape.of(512, 512), input))) {
            cancelled.cancel();
            assertThatThrownBy(() -> model.instance().run(cancelled))
                    .hasMessageContaining("onnx runtime error")
                    .hasMessageContaining("terminate flag");
            assertThat(model.run(tensor("X", DataType.FP32, Shape.of(512, 512), input)))
                    .containsExactly(Map.entry("Y[]", bytes(0)));
        }
        assertThat(api.calls(OrtFunction.RUN_OPTIONS_UNSET_TERMINATE)).isPositive();
    }
}
