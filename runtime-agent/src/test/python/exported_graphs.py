"""Small models by the real exporters, for the tests of conversions: PyTorch by both of its exporters, TensorFlow, scikit-learn.

    exported_graphs.py FOLDER     writes FOLDER/NAME/model.onnx and samples.npz, of the frameworks that are installed

The files in src/test/resources/exported were written by PyTorch 2.15, tf2onnx 1.17 with TensorFlow, and skl2onnx 1.20. Nothing is trained to be good at anything.
"""
import pathlib
import sys

import numpy as np
import onnx

SAMPLES = 24
random = np.random.default_rng(7)


def keep(folder, model, samples):
    """Without what exporters write of the machine they ran on: stacks and files."""
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(model, bytes):
        (folder / "model.onnx").write_bytes(model)
    graph = onnx.load(folder / "model.onnx", load_external_data=False)
    del graph.metadata_props[:]
    for part in (graph.graph, *graph.graph.node, *graph.graph.value_info, *graph.graph.input, *graph.graph.output, *graph.graph.initializer):
        part.doc_string = ""
        if hasattr(part, "metadata_props"):
            del part.metadata_props[:]
    (folder / "model.onnx").write_bytes(graph.SerializeToString())
    np.savez_compressed(folder / "samples.npz", **samples)
    print("wrote", folder.name)


def pytorch(out):
    import torch
    import torch.nn.functional as functional
    from torch import nn

    torch.manual_seed(7)

    class Convolutions(nn.Module):
        """Batch normalisation, a depthwise convolution, several activations, a residual sum."""

        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList([
                nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.Conv2d(8, 8, 3, padding=1, groups=8), nn.Conv2d(8, 16, 1)])
            self.norms = nn.ModuleList([nn.BatchNorm2d(8), nn.BatchNorm2d(8), nn.BatchNorm2d(16)])
            self.residual, self.head = nn.Conv2d(16, 16, 3, padding=1), nn.Linear(16, 5)
            for norm in self.norms:
                norm.running_mean.uniform_(-0.5, 0.5)
                norm.running_var.uniform_(0.5, 2)

        def forward(self, image):
            for layer, norm, activation in zip(self.layers, self.norms, (functional.relu, functional.silu, functional.hardswish)):
                image = activation(norm(layer(image)))
            image = functional.max_pool2d(image, 2)
            return self.head(functional.relu(image + self.residual(image)).mean((2, 3)))

    class Causal(nn.Module):
        """Embedding, LayerNorm, attention with a mask of the smallest number and one of minus infinity, GELU."""

        def __init__(self):
            super().__init__()
            self.embedding, self.norm = nn.Embedding(50, 16), nn.LayerNorm(16)
            self.qkv, self.mix, self.wide, self.narrow = nn.Linear(16, 48), nn.Linear(16, 16), nn.Linear(16, 32), nn.Linear(32, 16)
            self.head = nn.Linear(16, 20, bias=False)

        def forward(self, tokens, mask):
            x = self.embedding(tokens)
            batch, length, width = x.shape
            q, k, v = self.qkv(self.norm(x)).reshape(batch, length, 3, 2, 8).permute(2, 0, 3, 1, 4)
            seen = torch.where(mask[:, None, None, :].bool(), 0.0, torch.finfo(torch.float32).min)
            seen = seen + torch.full((length, length), float("-inf")).triu(1)
            y = functional.scaled_dot_product_attention(q, k, v, attn_mask=seen).transpose(1, 2).reshape(batch, length, width)
            x = x + self.mix(y)
            return self.head(x + self.narrow(functional.gelu(self.wide(self.norm(x)))))

    class Recurrent(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm, self.gru = nn.LSTM(6, 8, batch_first=True, bidirectional=True), nn.GRU(16, 8, batch_first=True)
            self.head = nn.Linear(8, 3)

        def forward(self, x):
            return self.head(self.gru(self.lstm(x)[0])[0][:, -1])

    image = random.standard_normal((SAMPLES, 3, 8, 8)).astype(np.float32)
    tokens = random.integers(0, 50, (SAMPLES, 8)).astype(np.int64)
    mask = (random.random((SAMPLES, 8)) > 0.2).astype(np.int64)
    mask[:, 0] = 1
    series = random.standard_normal((SAMPLES, 5, 6)).astype(np.float32)
    models = [("convolutions", Convolutions(), {"image": image}, 18), ("causal", Causal(), {"tokens": tokens, "mask": mask}, None),
              ("recurrent", Recurrent(), {"x": series}, None)]
    for name, model, samples, dynamo in models:
        model.eval()
        example = tuple(torch.from_numpy(values[:4]) for values in samples.values())
        folder = out / f"pytorch-script-{name}"
        folder.mkdir(parents=True, exist_ok=True)
        torch.onnx.export(
            model, example, str(folder / "model.onnx"), input_names=list(samples), output_names=["out"], opset_version=17, dynamo=False,
            dynamic_axes={tensor: {0: "n"} for tensor in (*samples, "out")})
        keep(folder, None, samples)
        if dynamo:  # with its weights in a file beside the model, as is usual there
            folder = out / f"pytorch-dynamo-{name}"
            folder.mkdir(parents=True, exist_ok=True)
            torch.onnx.export(
                model, example, str(folder / "model.onnx"), input_names=list(samples), output_names=["out"], opset_version=dynamo,
                dynamo=True, external_data=True, dynamic_shapes=tuple({0: torch.export.Dim("n", min=1, max=4096)} for _ in samples))
            keep(folder, None, samples)


def tensorflow(out):
    import tensorflow as tf
    import tf2onnx

    tf.keras.utils.set_random_seed(7)
    layers = tf.keras.layers
    image = layers.Input((8, 8, 3))
    x = layers.ReLU(6.0)(layers.BatchNormalization()(layers.Conv2D(8, 3, padding="same", use_bias=False)(image)))
    x = layers.Activation("swish")(layers.BatchNormalization()(layers.DepthwiseConv2D(3, padding="same")(x)))
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(8, 1)(layers.MaxPool2D()(x)))
    convolutions = tf.keras.Model(image, layers.Dense(5, activation="softmax")(x))
    series = layers.Input((5, 6))
    recurrent = tf.keras.Model(series, layers.Dense(3)(layers.LSTM(4)(layers.GRU(4, return_sequences=True)(series))))
    erfc = tf.keras.Sequential([layers.Input((6,)), layers.Dense(8, activation="gelu"), layers.Dense(2)])
    weights = random.standard_normal((6, 6)).astype(np.float32)

    def branches(x, w):
        return tf.cond(tf.reduce_sum(x) > 0, lambda: x @ w, lambda: -(x @ w))

    def single(shape):
        return {"x": random.standard_normal((SAMPLES, *shape)).astype(np.float32)}

    cases = [("convolutions", convolutions, single((8, 8, 3)), 13), ("recurrent", recurrent, single((5, 6)), 18),
             ("erfc", erfc, single((6,)), 18)]
    for name, model, samples, opset in cases:
        signature = [tf.TensorSpec([None, *samples["x"].shape[1:]], tf.float32, "x")]
        call = tf.function(lambda x, model=model: {"out": model(x)}, input_signature=signature)
        exported, _ = tf2onnx.convert.from_function(call, input_signature=signature, opset=opset)
        keep(out / f"tensorflow-{name}", exported.SerializeToString(), samples)
    # W has no axis that counts samples: each sample has a whole one
    signature = [tf.TensorSpec([None, 6], tf.float32, "x"), tf.TensorSpec([6, 6], tf.float32, "w")]
    call = tf.function(lambda x, w: {"out": branches(x, w)}, input_signature=signature)
    exported, _ = tf2onnx.convert.from_function(call, input_signature=signature, opset=15)
    keep(out / "tensorflow-branches", exported.SerializeToString(), {**single((6,)), "w": np.stack([weights] * SAMPLES)})


def scikit_learn(out):
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType
    from sklearn.cluster import KMeans
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import Pipeline, make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    x = random.standard_normal((120, 6)).astype(np.float32)
    y = (x[:, 0] + x[:, 1] * x[:, 2] > 0).astype(np.int64)
    cases = [("mlp-zipmap", make_pipeline(StandardScaler(), MLPClassifier((16, 8), max_iter=300, random_state=1))),
             ("forest-zipmap", RandomForestClassifier(3, max_depth=3, random_state=1)), ("kmeans", KMeans(3, n_init=2, random_state=1))]
    for name, model in cases:
        keep(out / f"sklearn-{name}", to_onnx(model.fit(x, y), x[:1]).SerializeToString(), {"X": x[:SAMPLES]})
    import pandas

    table = pandas.DataFrame({"num": x[:, 0], "cat": np.where(y > 0, "yes", "no")})
    parts = ColumnTransformer([("n", StandardScaler(), ["num"]), ("c", OneHotEncoder(), ["cat"])])
    model = Pipeline([("parts", parts), ("classes", LogisticRegression())]).fit(table, y)
    exported = to_onnx(
        model, initial_types=[("num", FloatTensorType([None, 1])), ("cat", StringTensorType([None, 1]))],
        options={id(model): {"zipmap": False}})
    samples = {"num": x[:SAMPLES, :1], "cat": table["cat"].to_numpy()[:SAMPLES].astype(str).reshape(-1, 1)}
    keep(out / "sklearn-columns", exported.SerializeToString(), samples)


if __name__ == "__main__":
    for exporter in (pytorch, tensorflow, scikit_learn):
        try:
            exporter(pathlib.Path(sys.argv[1]))
        except ImportError as missing:
            print("skipped", exporter.__name__ + ":", missing)
