"""Trains a residual network to read handwritten digits, and writes it as FOLDER/NET.onnx: DATA.csv.gz FOLDER NET EPOCHS. Needs jax and onnx.

NET is resnet18, for which the digits of deploy/examples/digits are enlarged from 8 × 8 to 64 × 64, or tiny_resnet, which takes them as they
are (and is src/test/resources/models/tiny_resnet.onnx of the agent, after 12 epochs). Every third digit stays out of training, in heldout.npz
with its label; calibration.npz has 256 of the others. The same data give the same model.
"""
import gzip
import sys
import time
from dataclasses import dataclass
from functools import partial, reduce
from pathlib import Path

import jax
import numpy as np
import onnx
from jax import lax, numpy as jnp
from onnx import TensorProto, helper, numpy_helper

BATCH = 32
RATE, MOMENTUM, DECAY = 0.02, 0.9, 5e-4
KEPT_MEAN = 0.9  # of what batch normalisation has seen before
EPSILON = 1e-5


@dataclass(frozen=True)
class Shape:
    side: int
    stem: int  # its kernel; one of 3 neither strides nor pools
    stages: tuple  # channels and stride


SHAPES = {
    "resnet18": Shape(64, 7, ((64, 1), (128, 2), (256, 2), (512, 2))),
    "tiny_resnet": Shape(8, 3, ((8, 1), (16, 2))),
}


def digits(path):
    table = np.loadtxt(gzip.open(path), delimiter=",", dtype=np.int64)
    return table[:, :64].reshape(-1, 8, 8).astype(np.float32) / 16, table[:, 64]


def enlarged(images, side):
    """As scanners do it, between the pixels; in the order that ONNX has, and from -1 to 1."""
    rows = jax.image.resize(images, (len(images), side, side), "linear")
    return np.asarray(rows[:, None] * 2 - 1, dtype=np.float32)


def moved(images, random):
    """Another hand: each image moved by up to a sixteenth of it, and some noise on it."""
    side, most = images.shape[2], images.shape[2] // 16
    padded = np.pad(images, ((0, 0), (0, 0), (most, most), (most, most)), constant_values=-1)
    places = random.integers(0, 2 * most + 1, (len(images), 2))
    cut = np.stack([image[:, y:y + side, x:x + side] for image, (y, x) in zip(padded, places)])
    return (cut + 0.1 * random.standard_normal(cut.shape)).astype(np.float32)


class Weights:
    """Makes a layer's weights, under the names they have in the graph."""

    def __init__(self):
        self.random = np.random.default_rng(18)
        self.trained, self.seen = {}, {}

    def convolution(self, name, inputs, outputs, kernel):
        scale = (2 / (outputs * kernel * kernel)) ** 0.5
        self.trained[name] = (self.random.standard_normal((outputs, inputs, kernel, kernel)) * scale).astype(np.float32)
        self.trained[name + ".scale"] = np.ones(outputs, np.float32)
        self.trained[name + ".shift"] = np.zeros(outputs, np.float32)
        self.seen[name + ".mean"] = np.zeros(outputs, np.float32)
        self.seen[name + ".variance"] = np.ones(outputs, np.float32)

    def dense(self, name, inputs, outputs):
        self.trained[name] = (self.random.standard_normal((inputs, outputs)) * inputs**-0.5).astype(np.float32)
        self.trained[name + ".shift"] = np.zeros(outputs, np.float32)


def network(shape, ops, x):
    """The network, by whoever knows the operations: the weights' maker, the trainer and the ONNX graph."""
    inputs, wide = shape.stages[0][0], shape.stem > 3
    x = ops.relu(ops.convolution("stem", x, 1, inputs, shape.stem, 2 if wide else 1))
    x = ops.pool(x) if wide else x
    for stage, (outputs, stride) in enumerate(shape.stages):
        for block in range(2):
            name, step = f"stage{stage}.{block}", stride if block == 0 else 1
            y = ops.relu(ops.convolution(name + ".a", x, inputs, outputs, 3, step))
            y = ops.convolution(name + ".b", y, outputs, outputs, 3, 1)
            shortcut = x if step == 1 and inputs == outputs else ops.convolution(name + ".shortcut", x, inputs, outputs, 1, step)
            x, inputs = ops.relu(ops.add(y, shortcut)), outputs
    return ops.classify("classes", x, inputs, 10)


class Making:
    def __init__(self, weights):
        self.weights = weights

    def convolution(self, name, x, inputs, outputs, kernel, stride):
        self.weights.convolution(name, inputs, outputs, kernel)

    def classify(self, name, x, inputs, outputs):
        self.weights.dense(name, inputs, outputs)

    def relu(self, x):
        return x

    pool = relu

    def add(self, x, y):
        return x


class Training:
    """Channels last, and convolutions as products of matrices, whose slopes XLA computes ten times as fast on a CPU."""

    def __init__(self, trained, seen):
        self.trained, self.seen, self.seen_now = trained, seen, {}

    def convolution(self, name, x, inputs, outputs, kernel, stride):
        side = x.shape[1] // stride
        x = jnp.pad(x, ((0, 0), (kernel // 2,) * 2, (kernel // 2,) * 2, (0, 0)))
        reach = stride * (side - 1) + 1
        x = jnp.concatenate([x[:, i:i + reach:stride, j:j + reach:stride] for i in range(kernel) for j in range(kernel)], -1)
        x = x @ self.trained[name].transpose(2, 3, 1, 0).reshape(-1, outputs)
        mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
        for what, now in ((".mean", mean), (".variance", variance)):
            self.seen_now[name + what] = KEPT_MEAN * self.seen[name + what] + (1 - KEPT_MEAN) * now
        return (x - mean) * (self.trained[name + ".scale"] * lax.rsqrt(variance + EPSILON)) + self.trained[name + ".shift"]

    def classify(self, name, x, inputs, outputs):
        return x.mean((1, 2)) @ self.trained[name] + self.trained[name + ".shift"]

    def relu(self, x):
        return jnp.maximum(x, 0)

    def pool(self, x):
        side = x.shape[1] // 2
        x = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))  # zeros are as good as nothing after a rectifier
        return reduce(jnp.maximum, (x[:, i:i + 2 * side - 1:2, j:j + 2 * side - 1:2] for i in range(3) for j in range(3)))

    def add(self, x, y):
        return x + y


class Writing:
    """As exporters leave a trained network: convolution, batch normalisation, rectifier, each a node."""

    def __init__(self, weights):
        self.weights, self.nodes = weights, []

    def node(self, kind, *inputs, **attributes):
        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name, **attributes))
        return name

    def convolution(self, name, x, inputs, outputs, kernel, stride):
        x = self.node("Conv", x, name, kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[kernel // 2] * 4)
        parts = [name + part for part in (".scale", ".shift", ".mean", ".variance")]
        return self.node("BatchNormalization", x, *parts, epsilon=EPSILON)

    def classify(self, name, x, inputs, outputs):
        x = self.node("Flatten", self.node("GlobalAveragePool", x))
        return self.node("Gemm", x, name, name + ".shift")

    def relu(self, x):
        return self.node("Relu", x)

    def pool(self, x):
        return self.node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)

    def add(self, x, y):
        return self.node("Add", x, y)

    def save(self, side, path):
        self.nodes[-1].output[0] = "scores"
        graph = helper.make_graph(
            self.nodes, path.stem,
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 1, side, side])],
            [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 10])],
            [numpy_helper.from_array(np.asarray(values), name) for name, values in self.weights.items()])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        onnx.save(model, path)


def loss(trained, seen, shape, images, labels):
    training = Training(trained, seen)
    scores = jax.nn.log_softmax(network(shape, training, images.transpose(0, 2, 3, 1)))
    return -jnp.take_along_axis(scores, labels[:, None], 1).mean(), training.seen_now


@partial(jax.jit, donate_argnums=(0, 1, 2), static_argnums=3)
def step(trained, speeds, seen, shape, images, labels, rate):
    (lost, seen), slopes = jax.value_and_grad(loss, has_aux=True)(trained, seen, shape, images, labels)
    speeds = {name: MOMENTUM * speeds[name] + slopes[name] + DECAY * trained[name] for name in trained}
    return {name: trained[name] - rate * speeds[name] for name in trained}, speeds, seen, lost


def train(shape, images, labels, epochs):
    weights = Weights()
    network(shape, Making(weights), None)
    random = np.random.default_rng(7)
    trained = {name: jnp.asarray(values) for name, values in weights.trained.items()}
    seen = {name: jnp.asarray(values) for name, values in weights.seen.items()}
    speeds = {name: jnp.zeros_like(values) for name, values in trained.items()}
    steps, done, begin = len(images) // BATCH, 0, time.monotonic()
    for epoch in range(epochs):
        order = random.permutation(len(images))
        for i in range(steps):
            chosen = order[i * BATCH:(i + 1) * BATCH]
            rate = RATE * 0.5 * (1 + np.cos(np.pi * done / (epochs * steps)))
            trained, speeds, seen, lost = step(trained, speeds, seen, shape, moved(images[chosen], random), labels[chosen], rate)
            done += 1
        print(f"  epoch {epoch + 1} of {epochs}: loss {float(lost):.3f}, {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
    return {**trained, **seen}


def main():
    images, labels = digits(sys.argv[1])
    folder, net, epochs = Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    shape = SHAPES[net]
    images = enlarged(images, shape.side)
    kept_out = np.arange(len(images)) % 3 == 0
    known, answers = images[~kept_out], labels[~kept_out]
    writing = Writing(train(shape, known, answers, epochs))
    network(shape, writing, "image")
    writing.save(shape.side, folder / f"{net}.onnx")
    np.savez(folder / "calibration.npz", image=known[:256], labels=answers[:256])
    np.savez(folder / "heldout.npz", image=images[kept_out], labels=labels[kept_out])


main()
