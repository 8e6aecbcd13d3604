"""Writes resnet18.onnx and batching_mlp.onnx into the folder given: random weights, always the same. Needs numpy and onnx."""
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Graph:
    """Nodes one after the other; every method returns the name of what it computes."""

    def __init__(self):
        self.random = np.random.default_rng(18)
        self.nodes = []
        self.weights = []

    def weight(self, *shape, scale):
        name = f"w{len(self.weights)}"
        values = (self.random.standard_normal(shape) * scale).astype(np.float32)
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def node(self, kind, *inputs, **attributes):
        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def dense(self, x, inputs, outputs):
        return self.node("Gemm", x, self.weight(inputs, outputs, scale=inputs**-0.5), self.weight(outputs, scale=0.01))

    def convolution(self, x, inputs, outputs, kernel, stride):
        """With the batch normalisation folded in, as exporters leave it."""
        weight = self.weight(outputs, inputs, kernel, kernel, scale=(2 / (inputs * kernel * kernel)) ** 0.5)
        bias = self.weight(outputs, scale=0.01)
        return self.node("Conv", x, weight, bias, kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[kernel // 2] * 4)

    def block(self, x, inputs, outputs, stride):
        """Two convolutions beside a shortcut."""
        y = self.node("Relu", self.convolution(x, inputs, outputs, 3, stride))
        y = self.convolution(y, outputs, outputs, 3, 1)
        shortcut = x if stride == 1 and inputs == outputs else self.convolution(x, inputs, outputs, 1, stride)
        return self.node("Relu", self.node("Add", y, shortcut))

    def save(self, path, result, shape, classes):
        self.node("Identity", result)
        self.nodes[-1].output[0] = "OUTPUT0"
        graph = helper.make_graph(
            self.nodes, path.stem,
            [helper.make_tensor_value_info("INPUT0", TensorProto.FLOAT, ["batch", *shape])],
            [helper.make_tensor_value_info("OUTPUT0", TensorProto.FLOAT, ["batch", classes])],
            self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        onnx.checker.check_model(model)
        onnx.save(model, path)


def resnet18(path):
    graph = Graph()
    x = graph.node("Relu", graph.convolution("INPUT0", 3, 64, 7, 2))
    x = graph.node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    channels = 64
    for outputs, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        x = graph.block(x, channels, outputs, stride)
        x = graph.block(x, outputs, outputs, 1)
        channels = outputs
    x = graph.node("Flatten", graph.node("GlobalAveragePool", x))
    graph.save(path, graph.dense(x, 512, 1000), (3, 224, 224), 1000)


def batching_mlp(path):
    """Two layers of 1024: one row is bound by memory, many rows by arithmetic, so a batch is several times cheaper."""
    graph = Graph()
    x = graph.node("Relu", graph.dense("INPUT0", 1024, 1024))
    graph.save(path, graph.dense(x, 1024, 1024), (1024,), 1024)


folder = Path(sys.argv[1])
resnet18(folder / "resnet18.onnx")
batching_mlp(folder / "batching_mlp.onnx")
