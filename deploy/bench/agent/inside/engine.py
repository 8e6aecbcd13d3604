"""The models as every Python server runs them: two threads, each running a session of one thread."""
import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime

NAMES = ("identity", "resnet18", "batching_mlp")


class Model:
    def __init__(self, folder, name):
        self.session = None
        file = Path(folder) / f"{name}.onnx"
        if file.exists():
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            options.inter_op_num_threads = 1
            self.session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
            self.threads = ThreadPoolExecutor(2)

    def run(self, inputs):
        return inputs if self.session is None else self.session.run(None, {"INPUT0": inputs})[0]

    async def run_aside(self, inputs):
        """On a thread of its own, so that the event loop goes on; what costs nothing is done at once."""
        if self.session is None:
            return inputs
        return await asyncio.get_running_loop().run_in_executor(self.threads, self.run, inputs)


def tensor(body, shape):
    """The array in a body, with the shape that stands in a header."""
    return np.frombuffer(body, np.float32).reshape([int(size) for size in shape.split(",")])
