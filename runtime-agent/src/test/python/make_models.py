"""Writes the small ONNX files the tests use. Needs the packages onnx and numpy; run it again only to change them."""
import os
import sys

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h


def save(folder, name, nodes, inputs, outputs, initializers=(), opset=17):
    graph = h.make_graph(nodes, name, inputs, outputs, list(initializers))
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", opset)], ir_version=9, producer_name="shusuan")
    onnx.checker.check_model(model)
    path = os.path.join(folder, name + ".onnx")
    with open(path, "wb") as file:
        file.write(model.SerializeToString())
    print(path, os.path.getsize(path))


def value(name, kind, shape):
    return h.make_tensor_value_info(name, kind, shape)


def constant(name, array):
    return onnx.numpy_helper.from_array(array, name)


def main(folder):
    os.makedirs(folder, exist_ok=True)
    # One batchable input and output, as the golden answers' model has them.
    save(folder, "identity", [h.make_node("Identity", ["INPUT0"], ["OUTPUT0"])],
         [value("INPUT0", T.FLOAT, ["batch", 16])], [value("OUTPUT0", T.FLOAT, ["batch", 16])])
    # Two inputs, two outputs: sum and difference.
    save(folder, "add_sub",
         [h.make_node("Add", ["A", "B"], ["SUM"]), h.make_node("Sub", ["A", "B"], ["DIFFERENCE"])],
         [value("A", T.INT32, ["n", 4]), value("B", T.INT32, ["n", 4])],
         [value("SUM", T.INT32, ["n", 4]), value("DIFFERENCE", T.INT32, ["n", 4])])
    # Every type that can be fed, each passed through.
    kinds = {"BOOL": T.BOOL, "UINT8": T.UINT8, "UINT16": T.UINT16, "UINT32": T.UINT32, "UINT64": T.UINT64, "INT8": T.INT8, "INT16": T.INT16, "INT32": T.INT32, "INT64": T.INT64,
             "FP16": T.FLOAT16, "BF16": T.BFLOAT16, "FP32": T.FLOAT, "FP64": T.DOUBLE, "BYTES": T.STRING}
    save(folder, "all_types", [h.make_node("Identity", ["IN_" + k], ["OUT_" + k]) for k in kinds],
         [value("IN_" + k, t, [2, 2]) for k, t in kinds.items()],
         [value("OUT_" + k, t, [2, 2]) for k, t in kinds.items()])
    # An output whose size only the run knows: the copying way back.
    save(folder, "nonzero", [h.make_node("NonZero", ["X"], ["INDICES"])],
         [value("X", T.FLOAT, ["n"])], [value("INDICES", T.INT64, [1, "found"])])
    # A two-layer perceptron with fixed weights, for measuring.
    rng = np.random.default_rng(7)
    w1 = rng.standard_normal((64, 32)).astype(np.float32) / 8
    w2 = rng.standard_normal((32, 10)).astype(np.float32) / 6
    save(folder, "mlp",
         [h.make_node("Gemm", ["image", "w1", "b1"], ["h"]), h.make_node("Relu", ["h"], ["r"]),
          h.make_node("Gemm", ["r", "w2", "b2"], ["z"]), h.make_node("Softmax", ["z"], ["probabilities"], axis=1)],
         [value("image", T.FLOAT, ["N", 64])], [value("probabilities", T.FLOAT, ["N", 10])],
         [constant("w1", w1), constant("b1", np.zeros(32, np.float32)),
          constant("w2", w2), constant("b2", np.zeros(10, np.float32))])
    # The run fails for an index that is out of range.
    save(folder, "fails_sometimes", [h.make_node("Gather", ["table", "INDEX"], ["VALUE"])],
         [value("INDEX", T.INT64, ["n"])], [value("VALUE", T.FLOAT, ["n"])],
         [constant("table", np.arange(4, dtype=np.float32))])
    # Numbers without a sign, made wider: with a sign they would become others.
    unsigned = {"U16": T.UINT16, "U32": T.UINT32, "U64": T.UINT64}
    save(folder, "unsigned", [h.make_node("Cast", [k], ["WIDE_" + k], to=T.UINT64) for k in unsigned]
         + [h.make_node("Cast", [k], ["FLOAT_" + k], to=T.DOUBLE) for k in unsigned]
         + [h.make_node("Cast", ["U64"], ["LOW_U16"], to=T.UINT16), h.make_node("Cast", ["U64"], ["LOW_U32"], to=T.UINT32)],
         [value(k, t, ["n"]) for k, t in unsigned.items()],
         [value("WIDE_" + k, T.UINT64, ["n"]) for k in unsigned]
         + [value("FLOAT_" + k, T.DOUBLE, ["n"]) for k in unsigned]
         + [value("LOW_U16", T.UINT16, ["n"]), value("LOW_U32", T.UINT32, ["n"])])
    # What the protocol cannot carry: an element type, and a sequence.
    save(folder, "float8", [h.make_node("Cast", ["X"], ["Y"], to=T.FLOAT)],
         [value("X", T.FLOAT8E4M3FN, ["n"])], [value("Y", T.FLOAT, ["n"])], opset=19)
    save(folder, "sequence", [h.make_node("SequenceConstruct", ["X", "X"], ["TWICE"])],
         [value("X", T.FLOAT, ["n"])], [h.make_tensor_sequence_value_info("TWICE", T.FLOAT, ["n"])])
    # Strings that the engine makes, in a number that only the run knows.
    save(folder, "split", [h.make_node("StringSplit", ["TEXT"], ["PARTS", "COUNT"], delimiter=",")],
         [value("TEXT", T.STRING, ["n"])], [value("PARTS", T.STRING, ["n", "most"]), value("COUNT", T.INT64, ["n"])], opset=20)
    # An output without dimensions, of an input without.
    save(folder, "scalar", [h.make_node("Add", ["X", "X"], ["TWICE"])], [value("X", T.FLOAT, [])], [value("TWICE", T.FLOAT, [])])
    # Heavy enough that a request can be caught while it runs. The weights are made when the model is loaded.
    save(folder, "slow",
         [h.make_node("ConstantOfShape", ["size"], ["w"])]
         + [h.make_node("MatMul", ["X" if i == 0 else f"y{i - 1}", "w"], [f"y{i}"]) for i in range(40)]
         + [h.make_node("ReduceSum", ["y39"], ["Y"], keepdims=0)],
         [value("X", T.FLOAT, [512, 512])], [value("Y", T.FLOAT, [])],
         [constant("size", np.array([512, 512], dtype=np.int64))])
    # Adds what it is given to what it is given back: a sequence's sum, without a memory of its own.
    save(folder, "accumulate",
         [h.make_node("Add", ["INPUT", "SUM_IN"], ["SUM_OUT"]), h.make_node("Identity", ["SUM_OUT"], ["OUTPUT"])],
         [value("INPUT", T.INT32, ["n", 1]), value("SUM_IN", T.INT32, ["n", 1])],
         [value("OUTPUT", T.INT32, ["n", 1]), value("SUM_OUT", T.INT32, ["n", 1])])
    # Inputs of any length one behind the other, and what the server says of their lengths.
    save(folder, "ragged",
         [h.make_node("Add", ["X", "X"], ["TWICE"]), h.make_node("Unsqueeze", ["COUNT", "one"], ["LENGTH"])],
         [value("X", T.FLOAT, ["n"]), value("COUNT", T.FLOAT, ["b"])],
         [value("TWICE", T.FLOAT, ["n"]), value("LENGTH", T.FLOAT, ["b", 1])],
         [constant("one", np.array([1], dtype=np.int64))])


if __name__ == "__main__":
    main(sys.argv[1])
