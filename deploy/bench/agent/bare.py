"""The line that no server can cross: ONNX Runtime in a loop, on as many threads as the servers have for it."""
import json

import environments
from loads import Failed, execute
from servers import INSIDE

NAME = "bare engine"
BATCHES = (1, 8, 16, 32)


def loop(models, model, batch, threads, seconds):
    command = [environments.tools(), INSIDE / "bare_engine.py", models, model, batch, threads, seconds]
    done = execute(command, 60 + seconds * 3, None)
    if done.returncode != 0:
        raise Failed(f"the bare engine: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(done.stdout)


def resnet18(models, concurrency, seconds):
    """Images per second, and processor time for each: one caller keeps one instance busy, sixteen keep both."""
    return loop(models, "resnet18", 1, min(concurrency, 2), seconds)


def batching_mlp(models, seconds):
    """Processor time for one row, in microseconds, at the batch size that needs least."""
    return min(loop(models, "batching_mlp", batch, 2, seconds)["cpu_us"] for batch in BATCHES)
