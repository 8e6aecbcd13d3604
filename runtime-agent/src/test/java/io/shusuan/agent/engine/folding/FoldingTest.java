package io.shusuan.agent.engine.folding;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.agent.engine.RowsModel;
import io.shusuan.agent.engine.graph.TensorValues;
import io.shusuan.agent.engine.onnx.ModelProto;
import io.shusuan.agent.engine.onnx.NodeProto;
import io.shusuan.agent.engine.onnx.TensorProto;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is computed once, and what must not be. */
class FoldingTest {
    private static final float[] ONE_TO_FOUR = {1, 2, 3, 4};

    private static List<String> operators(ModelProto model) {
        return model.getGraph().getNodeList().stream().map(NodeProto::getOpType).toList();
    }

    private static TensorProto constant(ModelProto model, String name) {
        return model.getGraph().getInitializerList().stream()
                .filter(tensor -> tensor.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static RowsModel model() {
        return new RowsModel(2).constant("c", ONE_TO_FOUR, 2, 2);
    }

    @Test
    void computesWhatHangsOnConstantsAlone() throws Exception {
        var folded = Folding.fold(model().node("Mul", "squares", "c", "c")
                .node("Transpose", "turned", "squares")
                .node("MatMul", "y", "x", "turned")
                .answering("y"));

        assertThat(operators(folded)).containsExactly("MatMul");
        assertThat(TensorValues.floats(constant(folded, "turned"))).containsExactly(1, 9, 4, 16);
        assertThat(folded.getGraph().getInitializerList())
                .extracting(TensorProto::getName)
                .containsExactly("turned");
    }

    @Test
    void leavesWhatIsDrawnAnewOnEachRunAndWhatHangsOnIt() throws Exception {
        var folded = Folding.fold(model().node("Mul", "squares", "c", "c")
                .node("RandomNormalLike", "noise", "c")
                .node("Add", "noisy", "squares", "noise")
                .node("MatMul", "y", "x", "noisy")
                .answering("y"));

        assertThat(operators(folded)).containsExactly("RandomNormalLike", "Add", "MatMul");
        assertThat(TensorValues.floats(constant(folded, "squares"))).containsExactly(1, 4, 9, 16);
    }

    /** 2,049 × 2,049 numbers would make the file 17 MB larger than the 16 kB that they are made of. */
    @Test
    void leavesWhatWouldMakeTheFileGrow() throws Exception {
        int side = 2049;
        var folded = Folding.fold(new RowsModel(side)
                .constant("column", new float[side], side, 1)
                .constant("row", new float[side], 1, side)
                .node("Add", "table", "column", "row")
                .node("MatMul", "y", "x", "table")
                .answering("y"));

        assertThat(operators(folded)).containsExactly("Add", "MatMul");
    }
}
