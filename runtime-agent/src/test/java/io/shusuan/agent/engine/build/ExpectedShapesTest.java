package io.shusuan.agent.engine.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shusuan.agent.config.proto.DataType;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelDynamicBatching;
import io.shusuan.agent.config.proto.ModelInput;
import io.shusuan.agent.engine.onnx.TensorProto;
import io.shusuan.agent.engine.session.TensorType;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExpectedShapesTest {
    private static TensorType input(String name, long... shape) {
        return new TensorType(name, TensorProto.DataType.FLOAT, shape);
    }

    private static ModelInput.Builder dims(String name, Long... dims) {
        return ModelInput.newBuilder()
                .setName(name)
                .setDataType(DataType.TYPE_FP32)
                .addAllDims(Arrays.asList(dims));
    }

    @Test
    void followsTheBatchesOfTheConfiguration() throws Exception {
        var config = ModelConfig.newBuilder()
                .setMaxBatchSize(32)
                .setDynamicBatching(ModelDynamicBatching.newBuilder()
                        .addPreferredBatchSize(8)
                        .addPreferredBatchSize(16))
                .build();

        assertThat(ExpectedShapes.of(config).profile(List.of(input("image", -1, 3, 224, 224))))
                .hasToString("image=1x3x224x224:16x3x224x224:32x3x224x224");
    }

    @Test
    void takesFromTheConfigurationWhatTheModelLeavesOpen() throws Exception {
        var config = ModelConfig.newBuilder()
                .setMaxBatchSize(4)
                .addInput(dims("ids", 128L))
                .build();

        assertThat(ExpectedShapes.of(config).profile(List.of(input("ids", -1, -1), input("scale", 1))))
                .hasToString("ids=1x128:4x128:4x128,scale=1:1:1");
    }

    @Test
    void refusesWhatNothingSaysTheSizeOf() {
        var config = ModelConfig.newBuilder().addInput(dims("ids", -1L, -1L)).build();

        assertThatThrownBy(() -> ExpectedShapes.of(config).profile(List.of(input("ids", -1, -1))))
                .hasMessage("dimension 1 of input ids FLOAT[?, ?] is open and nothing says how large it gets:"
                        + " give it in the configuration's dims, or a whole profile (ids=MIN:OPT:MAX)");
    }

    @Test
    void readsBackWhatItWrites() {
        var text = "a:0=1x3:2x3:8x3,b=1:1:1";

        assertThat(ShapeProfile.parse(text)).hasToString(text);
        assertThat(ShapeProfile.parse("b=1,a:0=1x3:2x3:8x3")).hasToString(text);
    }
}
