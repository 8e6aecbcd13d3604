import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A trained network as an ONNX file: {@code image} FLOAT [N, 64], raw pixels, to {@code probabilities} FLOAT [N, 10].
 *
 * <p>The scaling of pixels is part of the graph, so that callers send what they have. The numbers of fields are those
 * of <a href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">onnx.proto</a>.
 */
final class OnnxModel {

    private static final int IR_VERSION = 8;
    private static final int OPERATOR_SET = 13;
    private static final int FLOAT = 1;

    private OnnxModel() {}

    static byte[] of(Network network) {
        return new ProtobufMessage()
                .integer(1, IR_VERSION)
                .text(2, "shusuan-digits-train")
                .message(7, graph(network))
                .message(8, new ProtobufMessage().text(1, "").integer(2, OPERATOR_SET))
                .toByteArray();
    }

    private static ProtobufMessage graph(Network network) {
        var hidden = network.hidden;
        var output = network.output;
        return new ProtobufMessage()
                .message(1, node("Mul", "scaled", "image", "pixel_scale"))
                .message(1, node("Gemm", "hidden", "scaled", "hidden_weights", "hidden_biases"))
                .message(1, node("Relu", "activations", "hidden"))
                .message(1, node("Gemm", "scores", "activations", "output_weights", "output_biases"))
                .message(1, node("Softmax", "probabilities", "scores"))
                .text(2, "digits")
                .message(5, tensor("pixel_scale", new float[] {Network.PIXEL_SCALE}))
                .message(5, tensor("hidden_weights", hidden.weights, hidden.inputs, hidden.outputs))
                .message(5, tensor("hidden_biases", hidden.biases, hidden.outputs))
                .message(5, tensor("output_weights", output.weights, output.inputs, output.outputs))
                .message(5, tensor("output_biases", output.biases, output.outputs))
                .message(11, batchOf("image", Digit.PIXELS))
                .message(12, batchOf("probabilities", Digit.CLASSES));
    }

    private static ProtobufMessage node(String operator, String output, String... inputs) {
        var node = new ProtobufMessage();
        for (var input : inputs) {
            node.text(1, input);
        }
        return node.text(2, output).text(3, output).text(4, operator);
    }

    /** A constant; without dimensions it is a scalar. */
    private static ProtobufMessage tensor(String name, float[] values, int... dimensions) {
        var tensor = new ProtobufMessage();
        for (int dimension : dimensions) {
            tensor.integer(1, dimension);
        }
        var littleEndian = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        littleEndian.asFloatBuffer().put(values);
        return tensor.integer(2, FLOAT).text(8, name).bytes(9, littleEndian.array());
    }

    /** An input or output of the graph: any number N of rows of the given width. */
    private static ProtobufMessage batchOf(String name, int width) {
        var shape = new ProtobufMessage()
                .message(1, new ProtobufMessage().text(2, "N"))
                .message(1, new ProtobufMessage().integer(1, width));
        var tensorType = new ProtobufMessage().integer(1, FLOAT).message(2, shape);
        return new ProtobufMessage().text(1, name).message(2, new ProtobufMessage().message(1, tensorType));
    }
}
