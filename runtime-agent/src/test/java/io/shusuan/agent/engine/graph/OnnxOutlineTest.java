package io.shusuan.agent.engine.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shusuan.agent.ModelRepository;
import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.onnx.ModelProto;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxOutlineTest {
    @TempDir
    private Path folder;

    private Path file = Path.of("");
    private ModelProto whole = ModelProto.getDefaultInstance();

    @BeforeEach
    void writeModel() throws EngineException {
        new ModelRepository(folder).onnx("mlp", 1, "mlp");
        file = folder.resolve("mlp/1/model.onnx");
        whole = OnnxFile.read(file);
    }

    @Test
    void isTheModelButForTheValuesOfItsWeights() throws EngineException {
        var bare = whole.toBuilder();
        for (int i = 0; i < whole.getGraph().getInitializerCount(); i++) {
            bare.getGraphBuilder().getInitializerBuilder(i).clearRawData();
        }

        var outline = OnnxOutline.read(file);

        assertThat(outline.model()).isEqualTo(bare.build());
        assertThat(outline.files()).containsExactly(file);
    }

    @Test
    void knowsTheFilesItsWeightsLieInAndIsAnotherOneWhenTheyChange() throws Exception {
        OnnxFile.write(whole, file, 0);
        var data = file.resolveSibling("model.onnx.data");
        var outline = OnnxOutline.read(file);
        assertThat(outline.files()).containsExactly(file, data.toRealPath());

        var before = outline.sha256();
        byte[] bytes = Files.readAllBytes(data);
        bytes[0]++;
        Files.write(data, bytes);

        assertThat(OnnxOutline.read(file).sha256()).isNotEqualTo(before);
    }

    @Test
    void refusesWeightsThatAreMissingOrElsewhere() throws Exception {
        OnnxFile.write(whole, file, 0);
        Files.move(file.resolveSibling("model.onnx.data"), folder.resolve("elsewhere"));
        assertRefused(Fault.EXTERNAL_DATA_MISSING);

        Files.createSymbolicLink(file.resolveSibling("model.onnx.data"), folder.resolve("elsewhere"));
        assertRefused(Fault.EXTERNAL_DATA_OUTSIDE);
    }

    @Test
    void refusesWhatIsNoWholeModel() throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        for (int length : List.of(bytes.length - 1, bytes.length / 2, 40)) {
            Files.write(file, Arrays.copyOf(bytes, length));
            assertRefused(Fault.NOT_ONNX);
        }
        Files.write(file, new byte[0]);
        assertRefused(Fault.NOT_ONNX);
        Files.delete(file);
        assertRefused(Fault.UNREADABLE);
    }

    private void assertRefused(Fault fault) {
        assertThatThrownBy(() -> OnnxOutline.read(file))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        refused -> assertThat(refused.fault()).isEqualTo(fault));
    }
}
