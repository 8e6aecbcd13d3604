"""MLServer with the benchmark's models: FOLDER HTTP-PORT GRPC-PORT. One process with two engine threads; adaptive batching for the batching MLP."""
import json
import os
import sys
from pathlib import Path

import engine

folder, http_port, grpc_port = sys.argv[1:]
root = Path("mlserver")
for name in engine.NAMES:
    settings = {"name": name, "implementation": "mlserver_model.OnnxModel", "parameters": {"uri": folder, "version": "1"}}
    if name == "batching_mlp":
        settings |= {"max_batch_size": 32, "max_batch_time": 0.001}
    (root / name).mkdir(parents=True)
    (root / name / "model-settings.json").write_text(json.dumps(settings))
(root / "settings.json").write_text(json.dumps({
    "host": "127.0.0.1", "http_port": int(http_port), "grpc_port": int(grpc_port), "parallel_workers": 0, "debug": False,
    "grpc_max_message_length": 1 << 30, "metrics_endpoint": None}))
os.environ["PYTHONPATH"] = str(Path(__file__).parent)
os.execvp("mlserver", ["mlserver", "start", str(root)])
