"""Models as their users export them: scikit-learn, LightGBM, XGBoost, TensorFlow and PyTorch, each where it is installed.

    exported_models.py write FOLDER          writes a model repository, with inputs and the framework's own answers beside it
    exported_models.py check FOLDER ADDRESS  asks a running agent over HTTP, and compares
"""
import os
import pathlib
import sys

import numpy as np

TOLERANCE = 1e-4
UNBATCHED = {"lightgbm"}  # its exporter gives the labels a fixed shape, and the run does not keep it


def data(rows=16, columns=8):
    rng = np.random.default_rng(3)
    x = rng.standard_normal((rows, columns)).astype(np.float32)
    return x, (x.sum(axis=1) > 0).astype(np.int64)


def scikit_learn():
    from skl2onnx import to_onnx
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, y = data(200)
    classifiers = {
        "sklearn_logistic": make_pipeline(StandardScaler(), LogisticRegression()),
        "sklearn_forest": RandomForestClassifier(n_estimators=20, random_state=1),
    }
    for name, model in classifiers.items():
        model.fit(x, y)
        onnx = to_onnx(model, x[:1], options={"zipmap": False})
        yield name, onnx.SerializeToString(), x[:16], {
            "label": model.predict(x[:16]), "probabilities": model.predict_proba(x[:16])}
    regressor = MLPRegressor(hidden_layer_sizes=(16,), max_iter=300, random_state=1).fit(x, x.sum(axis=1))
    yield "sklearn_mlp", to_onnx(regressor, x[:1]).SerializeToString(), x[:16], {
        "variable": regressor.predict(x[:16]).reshape(-1, 1)}


def boosted():
    import lightgbm
    import xgboost
    from onnxmltools import convert_lightgbm, convert_xgboost
    from onnxmltools.convert.common.data_types import FloatTensorType

    x, y = data(200)
    inputs = [("X", FloatTensorType([None, x.shape[1]]))]
    light = lightgbm.LGBMClassifier(n_estimators=20, verbose=-1).fit(x, y)
    onnx = convert_lightgbm(light, initial_types=inputs, zipmap=False, target_opset=15)
    yield "lightgbm", onnx.SerializeToString(), x[:16], {
        "label": light.predict(x[:16]), "probabilities": light.predict_proba(x[:16])}
    extreme = xgboost.XGBRegressor(n_estimators=20, base_score=0.5).fit(x, x.sum(axis=1))
    onnx = convert_xgboost(extreme, initial_types=inputs, target_opset=15)
    yield "xgboost", onnx.SerializeToString(), x[:16], {"variable": extreme.predict(x[:16]).reshape(-1, 1)}


def tensorflow():
    import tensorflow as tf
    import tf2onnx

    x = np.random.default_rng(5).standard_normal((4, 12, 12, 3)).astype(np.float32)
    tf.keras.utils.set_random_seed(5)
    model = tf.keras.Sequential([
        tf.keras.layers.Input((12, 12, 3)), tf.keras.layers.Conv2D(8, 3, activation="relu"),
        tf.keras.layers.GlobalAveragePooling2D(), tf.keras.layers.Dense(5, activation="softmax")])
    call = tf.function(lambda image: {"scores": model(image)}, input_signature=[tf.TensorSpec([None, 12, 12, 3], tf.float32, "image")])
    onnx, _ = tf2onnx.convert.from_function(call, input_signature=call.input_signature, opset=15)
    yield "tensorflow", onnx.SerializeToString(), x, {"scores": model(x).numpy()}


def pytorch():
    import io

    import torch

    torch.manual_seed(5)
    model = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(),
                                torch.nn.Linear(8, 5), torch.nn.Softmax(dim=1)).eval()
    x = torch.randn(4, 3, 12, 12)
    file = io.BytesIO()
    torch.onnx.export(model, x, file, input_names=["image"], output_names=["scores"],
                      dynamic_axes={"image": {0: "n"}, "scores": {0: "n"}}, dynamo=False)
    with torch.no_grad():
        yield "pytorch", file.getvalue(), x.numpy(), {"scores": model(x).numpy()}


def write(folder):
    for exporter in (scikit_learn, boosted, tensorflow, pytorch):
        try:
            for name, onnx, x, answers in exporter():
                version = pathlib.Path(folder, "models", name, "1")
                version.mkdir(parents=True)
                (version / "model.onnx").write_bytes(onnx)
                if name not in UNBATCHED:  # enough for the whole batch, which the default is not
                    (version.parent / "config.pbtxt").write_text('backend: "onnxruntime"\nmax_batch_size: 64\n')
                np.savez(os.path.join(folder, name + ".npz"), input=x, **answers)
                print("wrote", name, len(onnx), "bytes")
        except ImportError as missing:
            print("skipped", exporter.__name__ + ":", missing)


def check(folder, address):
    import tritonclient.http as client

    agent = client.InferenceServerClient(address)
    for file in sorted(pathlib.Path(folder).glob("*.npz")):
        saved = np.load(file)
        x = saved["input"]
        tensor = client.InferInput(agent.get_model_metadata(file.stem)["inputs"][0]["name"], x.shape, "FP32")
        tensor.set_data_from_numpy(x)
        answer = agent.infer(file.stem, [tensor], request_id=file.stem)
        outputs = [output["name"] for output in agent.get_model_metadata(file.stem)["outputs"]]
        for name in saved.files:
            if name == "input":
                continue
            found = name if name in outputs else outputs[0]
            difference = np.abs(answer.as_numpy(found).reshape(saved[name].shape) - saved[name]).max()
            if difference > TOLERANCE:
                raise AssertionError(f"{file.stem}: {name} differs by {difference}")
            print("ok", file.stem, name, f"differs by {difference:.1e} at most")


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(sys.argv[2])
    else:
        check(sys.argv[2], sys.argv[3])
