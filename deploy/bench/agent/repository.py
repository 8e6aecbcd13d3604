"""Model repositories: the same models for every server, two instances of one thread each."""
import shutil

IDENTITY = """backend: "{backend}"
max_batch_size: 0
input [ {{ name: "INPUT0" data_type: TYPE_FP32 dims: [ -1, -1 ] }} ]
output [ {{ name: "OUTPUT0" data_type: TYPE_FP32 dims: [ -1, -1 ] }} ]
instance_group [ {{ kind: KIND_CPU count: 2 }} ]
"""

ONNX = """backend: "{backend}"
max_batch_size: {batch}
input [ {{ name: "INPUT0" data_type: TYPE_FP32 dims: [ {inputs} ] }} ]
output [ {{ name: "OUTPUT0" data_type: TYPE_FP32 dims: [ {outputs} ] }} ]
instance_group [ {{ kind: KIND_CPU count: 2 }} ]
{more}
"""

MODELS = {
    "resnet18": dict(batch=1, inputs="3, 224, 224", outputs="1000", more=""),
    "batching_mlp": dict(batch=32, inputs="1024", outputs="1024", more="dynamic_batching { }"),
}


def write(folder, models, backends, program=None):
    """Writes a repository where identity and ONNX models run on the backends named; a Python program becomes each model's."""
    shutil.rmtree(folder, ignore_errors=True)
    identity, engine = backends
    place(folder, "identity", IDENTITY.format(backend=identity), program)
    for name, values in MODELS.items():
        version = place(folder, name, ONNX.format(backend=engine, **values), program)
        shutil.copy(models / f"{name}.onnx", version / "model.onnx")
    return folder


def place(folder, name, config, program):
    version = folder / name / "1"
    version.mkdir(parents=True)
    (folder / name / "config.pbtxt").write_text(config)
    if program is not None:
        shutil.copy(program, version / "model.py")
    return version
