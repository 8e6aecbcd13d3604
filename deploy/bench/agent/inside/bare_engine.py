"""ONNX Runtime alone, in a loop: FOLDER MODEL BATCH THREADS SECONDS. Prints one JSON line: what no server can exceed."""
import json
import sys
import threading
import time

import numpy as np
import onnxruntime

SHAPES = {"resnet18": (3, 224, 224), "batching_mlp": (1024,)}

folder, model = sys.argv[1:3]
batch, threads, seconds = map(int, sys.argv[3:])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(f"{folder}/{model}.onnx", options, providers=["CPUExecutionProvider"])
inputs = {"INPUT0": np.random.default_rng(0).standard_normal((batch, *SHAPES[model])).astype(np.float32)}
counts = [0] * threads


def loop(index, end):
    while time.perf_counter() < end:
        session.run(None, inputs)
        counts[index] += 1


def measure(seconds):
    counts[:] = [0] * threads
    begin, cpu = time.perf_counter(), time.process_time()
    workers = [threading.Thread(target=loop, args=(i, begin + seconds)) for i in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    rows = sum(counts) * batch
    return rows / (time.perf_counter() - begin), (time.process_time() - cpu) * 1e6 / rows


measure(1)
rate, cpu = measure(seconds)
print(json.dumps({"per_second": rate, "cpu_us": cpu}))
