"""Writes what the suite runs on: make_models.py FOLDER full|rehearsal. The same files each time. Needs numpy, onnx and onnxruntime.

A ResNet-50 and a small transformer of random weights, for speed and for how far answers are from ONNX Runtime's; a small residual network
that is trained on handwritten digits here, for accuracy; models and samples that are wrong, for faults.
"""
import gzip
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

HERE = Path(__file__).resolve().parent
DIGITS = HERE.parent.parent / "examples/digits"
SAMPLES = 32
SIZES = {
    "full": dict(image=224, width=64, blocks=(3, 4, 6, 3), layers=6, hidden=384, heads=12, tokens=128, words=8192),
    "rehearsal": dict(image=32, width=8, blocks=(1, 1, 1, 1), layers=2, hidden=32, heads=2, tokens=16, words=128),
}


class Graph:
    """Nodes one after the other; every method returns the name of what it computes."""

    def __init__(self):
        self.random = np.random.default_rng(50)
        self.nodes = []
        self.weights = []

    def constant(self, values):
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def weight(self, *shape, scale):
        return self.constant((self.random.standard_normal(shape) * scale).astype(np.float32))

    def node(self, kind, *inputs, **attributes):
        name = f"n{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=f"{kind}_{len(self.nodes)}", **attributes))
        return name

    def convolution(self, x, weight, bias, stride):
        kernel = next(numpy_helper.to_array(w).shape[2] for w in self.weights if w.name == weight)
        return self.node("Conv", x, weight, bias, kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[kernel // 2] * 4)

    def save(self, path, result, input_type, shape, classes):
        self.nodes.append(helper.make_node("Identity", [result], ["OUTPUT0"], name="answer"))
        graph = helper.make_graph(
            self.nodes, path.stem,
            [helper.make_tensor_value_info("INPUT0", input_type, ["batch", *shape])],
            [helper.make_tensor_value_info("OUTPUT0", TensorProto.FLOAT, ["batch", classes])],
            self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        onnx.save(model, path)


def resnet50(path, size):
    """Bottleneck blocks, batch normalisation folded in. The branch beside a shortcut is kept small, so that the net is not chaotic."""
    graph = Graph()

    def convolution(x, inputs, outputs, kernel, stride, scale=1.0):
        weight = graph.weight(outputs, inputs, kernel, kernel, scale=scale * (2 / (inputs * kernel * kernel)) ** 0.5)
        return graph.convolution(x, weight, graph.weight(outputs, scale=0.01), stride)

    def block(x, inputs, width, stride):
        y = graph.node("Relu", convolution(x, inputs, width, 1, 1))
        y = graph.node("Relu", convolution(y, width, width, 3, stride))
        y = convolution(y, width, 4 * width, 1, 1, scale=0.25)
        shortcut = x if stride == 1 and inputs == 4 * width else convolution(x, inputs, 4 * width, 1, stride)
        return graph.node("Relu", graph.node("Add", y, shortcut))

    width = size["width"]
    x = graph.node("Relu", convolution("INPUT0", 3, width, 7, 2))
    x = graph.node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    channels = width
    for stage, blocks in enumerate(size["blocks"]):
        for index in range(blocks):
            x = block(x, channels, width << stage, 2 if stage > 0 and index == 0 else 1)
            channels = 4 * (width << stage)
    x = graph.node("Flatten", graph.node("GlobalAveragePool", x))
    x = graph.node("Gemm", x, graph.weight(channels, 1000, scale=channels**-0.5), graph.weight(1000, scale=0.01))
    graph.save(path, x, TensorProto.FLOAT, (3, size["image"], size["image"]), 1000)
    return graph.random.standard_normal((SAMPLES, 3, size["image"], size["image"])).astype(np.float32)


def transformer(path, size):
    """An encoder as sentence models have: tokens in, the first token's state through a classifier out."""
    graph = Graph()
    hidden, heads, tokens = size["hidden"], size["heads"], size["tokens"]
    shape = graph.constant(np.array([0, tokens, heads, hidden // heads], np.int64))
    flat = graph.constant(np.array([0, tokens, hidden], np.int64))

    def dense(x, inputs, outputs):
        return graph.node("Add", graph.node("MatMul", x, graph.weight(inputs, outputs, scale=inputs**-0.5)),
                          graph.weight(outputs, scale=0.01))

    def normalised(x):
        ones, zeros = graph.constant(np.ones(hidden, np.float32)), graph.constant(np.zeros(hidden, np.float32))
        return graph.node("LayerNormalization", x, ones, zeros, axis=-1)

    def split(x, order):
        return graph.node("Transpose", graph.node("Reshape", x, shape), perm=order)

    def attention(x):
        query, key, value = (dense(x, hidden, hidden) for _ in range(3))
        scores = graph.node("MatMul", split(query, [0, 2, 1, 3]), split(key, [0, 2, 3, 1]))
        scores = graph.node("Mul", scores, graph.constant(np.float32((hidden // heads) ** -0.5)))
        mixed = graph.node("MatMul", graph.node("Softmax", scores, axis=-1), split(value, [0, 2, 1, 3]))
        return dense(graph.node("Reshape", graph.node("Transpose", mixed, perm=[0, 2, 1, 3]), flat), hidden, hidden)

    def gelu(x):
        half = graph.constant(np.float32(0.5))
        root = graph.constant(np.float32(2**-0.5))
        one = graph.constant(np.float32(1))
        erf = graph.node("Erf", graph.node("Mul", x, root))
        return graph.node("Mul", graph.node("Mul", x, half), graph.node("Add", erf, one))

    x = graph.node("Gather", graph.weight(size["words"], hidden, scale=1.0), "INPUT0", axis=0)
    x = normalised(graph.node("Add", x, graph.weight(tokens, hidden, scale=0.1)))
    for _ in range(size["layers"]):
        x = normalised(graph.node("Add", x, attention(x)))
        x = normalised(graph.node("Add", x, dense(gelu(dense(x, hidden, 4 * hidden)), 4 * hidden, hidden)))
    first = graph.node("Gather", x, graph.constant(np.int64(0)), axis=1)
    graph.save(path, dense(first, hidden, 64), TensorProto.INT64, (tokens,), 64)
    return graph.random.integers(0, size["words"], (SAMPLES, tokens)).astype(np.int64)


# --- a network that has learnt something


def digits(file):
    with gzip.open(DIGITS / file, "rt") as lines:
        rows = np.loadtxt(lines, delimiter=",", dtype=np.float32)
    return rows[:, :64].reshape(-1, 1, 8, 8) / 16, rows[:, 64].astype(np.int64)


def shifted(images, labels):
    """Each image at nine places."""
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    places = [padded[:, :, y:y + 8, x:x + 8] for y in range(3) for x in range(3)]
    return np.concatenate(places), np.tile(labels, 9)


class Trained:
    """Convolutions of 3 × 3 with a residual step, by gradients written out. Weights are (kernel · channels, outputs)."""

    LAYERS = (("first", 1, 24), ("left", 24, 24), ("right", 24, 24), ("last", 24, 48))

    def __init__(self):
        random = np.random.default_rng(8)
        self.values = {}
        for name, inputs, outputs in self.LAYERS:
            self.values[name] = random.standard_normal((9 * inputs, outputs)).astype(np.float32) * (2 / (9 * inputs)) ** 0.5
            self.values[name + "+"] = np.zeros(outputs, np.float32)
        self.values["head"] = random.standard_normal((48, 10)).astype(np.float32) * 48**-0.5
        self.values["head+"] = np.zeros(10, np.float32)
        self.moments = {name: [np.zeros_like(value)] * 2 for name, value in self.values.items()}
        self.steps = 0

    @staticmethod
    def patches(x):
        """(n, 8, 8, channels) to (n, 8, 8, 9 · channels)."""
        padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
        return np.concatenate([padded[:, i:i + 8, j:j + 8] for i in range(3) for j in range(3)], axis=3)

    @staticmethod
    def unpatched(gradient, channels):
        padded = np.zeros((len(gradient), 10, 10, channels), np.float32)
        for at in range(9):
            i, j = divmod(at, 3)
            padded[:, i:i + 8, j:j + 8] += gradient[..., at * channels:(at + 1) * channels]
        return padded[:, 1:9, 1:9]

    def forward(self, images):
        v, kept = self.values, {}

        def convolution(name, x):
            kept[name] = self.patches(x)
            return kept[name] @ v[name] + v[name + "+"]

        a = kept["a"] = np.maximum(convolution("first", images.transpose(0, 2, 3, 1)), 0)
        b = kept["b"] = np.maximum(convolution("left", a), 0)
        c = kept["c"] = np.maximum(convolution("right", b) + a, 0)
        d = kept["d"] = np.maximum(convolution("last", c), 0)
        kept["mean"] = d.mean(axis=(1, 2))
        return kept["mean"] @ v["head"] + v["head+"], kept

    def step(self, images, labels, rate):
        scores, kept = self.forward(images)
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        shares[np.arange(len(labels)), labels] -= 1
        shares /= len(labels)
        gradients = {"head": kept["mean"].T @ shares, "head+": shares.sum(axis=0)}

        def back(name, gradient, channels):
            gradients[name] = np.tensordot(kept[name], gradient, axes=([0, 1, 2], [0, 1, 2]))
            gradients[name + "+"] = gradient.sum(axis=(0, 1, 2))
            return self.unpatched(gradient @ self.values[name].T, channels)

        g = np.broadcast_to((shares @ self.values["head"].T)[:, None, None] / 64, kept["d"].shape) * (kept["d"] > 0)
        g = back("last", g, 24) * (kept["c"] > 0)
        g = g + back("left", back("right", g, 24) * (kept["b"] > 0), 24)
        back("first", g * (kept["a"] > 0), 1)
        self.steps += 1
        for name, gradient in gradients.items():
            first, second = self.moments[name]
            first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
            self.moments[name] = [first, second]
            towards = first / (1 - 0.9**self.steps) / (np.sqrt(second / (1 - 0.999**self.steps)) + 1e-8)
            self.values[name] = (self.values[name] - rate * towards).astype(np.float32)

    def save(self, path):
        graph = Graph()

        def convolution(name, x, inputs, outputs):
            weight = self.values[name].reshape(3, 3, inputs, outputs).transpose(3, 2, 0, 1)
            return graph.convolution(x, graph.constant(np.ascontiguousarray(weight)), graph.constant(self.values[name + "+"]), 1)

        a = graph.node("Relu", convolution("first", "INPUT0", 1, 24))
        b = graph.node("Relu", convolution("left", a, 24, 24))
        c = graph.node("Relu", graph.node("Add", convolution("right", b, 24, 24), a))
        d = graph.node("Relu", convolution("last", c, 24, 48))
        mean = graph.node("Flatten", graph.node("GlobalAveragePool", d))
        answer = graph.node("Gemm", mean, graph.constant(self.values["head"]), graph.constant(self.values["head+"]))
        graph.save(path, answer, TensorProto.FLOAT, (1, 8, 8), 10)


def trained(path, rounds):
    images, labels = shifted(*digits("digits-train.csv.gz"))
    network, random = Trained(), np.random.default_rng(64)
    for turn in range(rounds):
        order = random.permutation(len(images))
        for at in range(0, len(order), 64):
            network.step(images[order[at:at + 64]], labels[order[at:at + 64]], 0.003 * 0.6**turn)
    network.save(path)
    return images[random.permutation(len(images))[:256]]


# --- what the suite reads


def expected(path, inputs):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, {"INPUT0": inputs})[0]


def write(folder, name, samples):
    """Samples for calibration and gates, the first of them as bytes to be sent, and ONNX Runtime's answers to those."""
    np.savez(folder / f"{name}.npz", INPUT0=samples)
    sent = samples[:SAMPLES]
    (folder / f"{name}.sent").write_bytes(sent.tobytes())
    (folder / f"{name}.expected").write_bytes(expected(folder / f"{name}.onnx", sent).tobytes())


def wrong(folder):
    """Each must be refused with a code of its own."""
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 4]) for name in ("INPUT0", "OUTPUT0")]

    def save(name, node, weights=()):
        graph = helper.make_graph([node], name, ends[:1], ends[1:], list(weights))
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        (folder / f"{name}.onnx").write_bytes(model.SerializeToString())

    def outside(location):
        tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4], data_location=TensorProto.EXTERNAL)
        tensor.external_data.add(key="location", value=location)
        return [tensor]

    save("unknown", helper.make_node("Frobnicate", ["INPUT0"], ["OUTPUT0"], name="nobody"))
    add = helper.make_node("Add", ["INPUT0", "w"], ["OUTPUT0"], name="sum")
    save("missing", add, outside("weights.bin"))
    save("outside", add, outside("../../weights.bin"))
    np.savez(folder / "mismatch.npz", INPUT0=np.zeros((4, 7), np.float32))


def main():
    folder, kind = Path(sys.argv[1]), sys.argv[2]
    size = SIZES[kind]
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, "resnet50", resnet50(folder / "resnet50.onnx", size))
    write(folder, "transformer", transformer(folder / "transformer.onnx", size))
    write(folder, "digits", trained(folder / "digits.onnx", 1 if kind == "rehearsal" else 12))
    images, labels = shifted(*digits("digits-test.csv.gz"))
    np.savez(folder / "digits-held-out.npz", INPUT0=images, labels=labels)
    right = (expected(folder / "digits.onnx", images).argmax(axis=1) == labels).mean()
    print(f"the digits' network answers {right:.1%} of {len(labels)} held-out images rightly")
    if right < 0.85:
        sys.exit("it has not learnt enough to say anything of accuracy")
    wrong(folder)


main()
