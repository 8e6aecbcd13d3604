"""Two models in ONNX Runtime over the same samples: ORIGINAL CONVERTED SAMPLES.npz SECONDS. Prints one JSON line.

It shares no code with the converter and its gates. Times are medians of single runs of one image on one thread, by turns, so that what
else the machine does falls on both.
"""
import json
import os
import statistics
import sys
import time

import numpy as np
import onnxruntime

BATCH = 32


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def scores(model, images):
    return np.concatenate([model.run(None, {"image": images[i:i + BATCH]})[0] for i in range(0, len(images), BATCH)])


def milliseconds(models, image, seconds):
    times = [[] for _ in models]
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for model, taken in zip(models, times):
            begin = time.perf_counter()
            model.run(None, {"image": image})
            taken.append((time.perf_counter() - begin) * 1e3)
    return [statistics.median(taken[len(taken) // 10:]) for taken in times]


def main():
    samples = np.load(sys.argv[3])
    images, labels = samples["image"], samples["labels"]
    models = [session(path) for path in sys.argv[1:3]]
    original, converted = (scores(model, images) for model in models)
    before, after = milliseconds(models, images[:1], float(sys.argv[4]))
    print(json.dumps({
        "avx2_only": os.environ.get("AVX2_ONLY") == "yes",
        "samples": len(labels),
        "accuracy_before": float((original.argmax(1) == labels).mean()),
        "accuracy_after": float((converted.argmax(1) == labels).mean()),
        "max_error": float(np.abs(original - converted).max()),
        "usual_score": float(np.abs(original).mean()),
        "before_ms": before,
        "after_ms": after,
    }))


main()
