package io.shusuan.agent.engine.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.onnx.ModelProto;
import io.shusuan.agent.engine.onnx.NodeProto;
import io.shusuan.agent.engine.onnx.StringStringEntryProto;
import io.shusuan.agent.engine.onnx.TensorProto;
import io.shusuan.agent.engine.onnx.TensorProto.DataLocation;
import io.shusuan.agent.engine.onnx.TensorProto.DataType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OnnxFileTest {
    @TempDir
    private Path folder;

    private ModelProto model = ModelProto.getDefaultInstance();
    private Path file = Path.of("");

    @BeforeEach
    void readTheModel() throws IOException {
        try (var in = OnnxFileTest.class.getResourceAsStream("/models/mlp.onnx")) {
            model = ModelProto.parseFrom(in);
        }
        file = Files.createDirectory(folder.resolve("model")).resolve("model.onnx");
    }

    private void assertRefused(Fault fault, String why) {
        assertThatExceptionOfType(EngineException.class)
                .isThrownBy(() -> GraphCheck.sorted(OnnxFile.read(file)))
                .withMessageContaining(why)
                .extracting(EngineException::fault)
                .isEqualTo(fault);
    }

    @Test
    void readsBackWhatItWrote() throws Exception {
        OnnxFile.write(model, file);
        assertThat(OnnxFile.read(file)).isEqualTo(model);
    }

    @Test
    void readsBackWeightsThatLieBesideTheFile() throws Exception {
        OnnxFile.write(model, file, 4096);
        assertThat(file.resolveSibling("model.onnx.data")).hasSize(64 * 32 * 4 + 32 * 10 * 4);
        assertThat(Files.size(file)).isLessThan(2048);
        assertThat(OnnxFile.read(file)).isEqualTo(model);
    }

    @Test
    void refusesWeightsThatAreMissingOrCutOff() throws Exception {
        OnnxFile.write(model, file, 4096);
        var data = file.resolveSibling("model.onnx.data");
        Files.write(data, new byte[100]);
        assertRefused(Fault.EXTERNAL_DATA_MISSING, "but the file has only 100");
        Files.delete(data);
        assertRefused(
                Fault.EXTERNAL_DATA_MISSING, "tensor 'w1' lies in model.onnx.data, which is not in the model's folder");
    }

    /** Holes in a file take no room, and nothing of them is read: the tests have far less memory than that. */
    @ParameterizedTest
    @CsvSource({"1, 3221225472", "3, 1073741824"})
    void refusesTwoGibibytesOfWeightsBeforeItReadsThem(int tensors, long each) throws Exception {
        try (var data = new RandomAccessFile(file.resolveSibling("large.data").toFile(), "rw")) {
            data.setLength(tensors * each);
        }
        var large = model.toBuilder();
        for (int i = 0; i < tensors; i++) {
            large.getGraphBuilder()
                    .addInitializer(TensorProto.newBuilder()
                            .setName("large" + i)
                            .setDataType(DataType.FLOAT_VALUE)
                            .addDims(each / Float.BYTES)
                            .setDataLocation(DataLocation.EXTERNAL)
                            .addExternalData(entry("location", "large.data"))
                            .addExternalData(entry("offset", Long.toString(i * each)))
                            .addExternalData(entry("length", Long.toString(each))));
        }
        Files.write(file, large.build().toByteArray());

        assertRefused(Fault.TOO_LARGE, "and its external data have 2 GiB or more");
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    @Test
    void readsNothingFromOutside() throws Exception {
        OnnxFile.write(model, file, 4096);
        var data = file.resolveSibling("model.onnx.data");
        var secret = Files.move(data, folder.resolve("secret.data"));
        Files.createSymbolicLink(data, secret);
        assertRefused(Fault.EXTERNAL_DATA_OUTSIDE, "outside the model's folder");

        var bytes = ModelProto.parseFrom(Files.readAllBytes(file)).toBuilder();
        var moved = bytes.getGraphBuilder().getInitializerBuilderList().getFirst();
        for (var place : new String[] {"../secret.data", secret.toString(), ""}) {
            moved.getExternalDataBuilder(0).setValue(place);
            Files.write(file, bytes.build().toByteArray());
            assertRefused(Fault.EXTERNAL_DATA_OUTSIDE, "tensor 'w1' lies in '" + place + "'");
        }
    }

    @Test
    void refusesWhatIsNoModel() throws Exception {
        Files.write(file, new byte[0]);
        assertRefused(Fault.NOT_ONNX, "is not an ONNX model");
        Files.writeString(file, "{\"a\": 1}");
        assertRefused(Fault.NOT_ONNX, "is not a whole ONNX model");
    }

    @Test
    void namesNodesThatWaitForEachOtherOrForNothing() throws Exception {
        OnnxFile.write(
                changed(0, NodeProto.newBuilder(model.getGraph().getNode(0)).setInput(0, "r")), file);
        assertRefused(Fault.INVALID_GRAPH, "nodes wait for each other: Gemm 'h', Relu 'r'");
        OnnxFile.write(
                changed(1, NodeProto.newBuilder(model.getGraph().getNode(1)).setInput(0, "lost")), file);
        assertRefused(Fault.INVALID_GRAPH, "Relu 'r' reads 'lost', which nothing writes");
    }

    @Test
    void putsNodesInOrder() throws Exception {
        var graph = model.getGraph().toBuilder().clearNode();
        model.getGraph().getNodeList().reversed().forEach(graph::addNode);
        OnnxFile.write(model.toBuilder().setGraph(graph).build(), file);

        assertThat(GraphCheck.sorted(OnnxFile.read(file))).isEqualTo(model);
    }

    private ModelProto changed(int node, NodeProto.Builder to) {
        var result = model.toBuilder();
        result.getGraphBuilder().setNode(node, to);
        return result.build();
    }
}
