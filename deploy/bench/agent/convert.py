"""./shusuan bench convert: what the converter makes of a trained ResNet-18: time, accuracy and error in ONNX Runtime on this processor."""
import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import environments

INSIDE = Path(__file__).parent / "inside"
DIGITS = Path(__file__).parents[2] / "examples" / "digits" / "digits-train.csv.gz"
VNNI = {"avx512_vnni", "avx_vnni", "amx_int8"}
TOOLS = ("jax==0.10.2", "numpy", "onnx", environments.ONNXRUNTIME)
EPOCHS = 5

SPEEDUP_WITH_VNNI = 1.5
SPEEDUP = 1.0
ACCURACY_DROP = 0.01
FP16_ERROR = 0.05  # beside the usual score


class Converted:
    """A conversion by the product, and how it compares with the original."""

    def __init__(self, bench, precision, *flags):
        self.bench = bench
        folder = bench.work / f"{precision}-{len(flags)}"
        run("the conversion", bench.distribution / "bin/shusuan-agent", "engine", "convert", bench.original, "--to", precision,
            "--samples", bench.folder / "calibration.npz", "--output", folder, "--min-speedup", "0", "--max-accuracy-drop", "100", *flags)
        self.model = folder / "model.onnx"

    def compared(self, **environment):
        said = run("the comparison", self.bench.python, INSIDE / "compare_models.py", self.bench.original, self.model,
                   self.bench.folder / "heldout.npz", self.bench.seconds, environment=environment)
        return json.loads(said)


class Bench:
    def __init__(self, asked, work):
        self.distribution, self.seconds, self.work = asked.distribution, asked.seconds, work
        self.python = environments.python("convert", *TOOLS)
        self.folder = trained(self.python)
        self.original = self.folder / "resnet18.onnx"


def run(what, *command, environment=None):
    done = subprocess.run([str(word) for word in command], env={**os.environ, **(environment or {})}, capture_output=True, text=True)
    if done.returncode != 0:
        raise environments.Missing(f"{what} failed: {(done.stderr or done.stdout).strip()[-500:]}")
    return done.stdout


def trained(python):
    """The network and its samples, which are the same until the program or the digits change."""
    program = INSIDE / "train_resnet.py"
    digest = hashlib.sha256(program.read_bytes() + DIGITS.read_bytes()).hexdigest()[:16]
    folder = environments.cache() / f"resnet18-{digest}"
    if not folder.exists():
        print("training a ResNet-18 (once; it is kept) …", file=sys.stderr, flush=True)
        unfinished = folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        if subprocess.run([python, program, DIGITS, unfinished, "resnet18", str(EPOCHS)]).returncode != 0:
            raise environments.Missing("the training failed; what it said stands above")
        unfinished.rename(folder)
    return folder


def processor_flags():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return set()
    return set(next((line for line in lines if line.startswith("flags")), "").split())


def without_avx512(bench):
    """The same processor as one that has AVX2 alone: the numbers, or why not."""
    compiler = shutil.which("cc")
    if platform.machine() != "x86_64" or platform.system() != "Linux" or compiler is None:
        return None, "it needs Linux on x86_64 and a C compiler (cc)"
    library = bench.work / "avx2_only.so"
    run("the compiler", compiler, "-O1", "-shared", "-fPIC", "-o", library, INSIDE / "avx2_only.c")
    result = Converted(bench, "int8", "--without-vnni").compared(LD_PRELOAD=str(library))
    if not result["avx2_only"]:
        return None, "this processor, or the machine around it, does not let a program answer for it what it can"
    return result, None


def row(name, result):
    print(f"{name:34}{result['before_ms']:>9.2f}{result['after_ms']:>9.2f}{result['before_ms'] / result['after_ms']:>9.2f}"
          f"{100 * result['accuracy_before']:>10.2f}{100 * result['accuracy_after']:>9.2f}{result['max_error']:>10.3f}")


def measured(name, value, wanted, met):
    return {name: round(value, 4), name + "_wanted": wanted, name + "_met": met}


def report(flags, int8, int8_avx2, reason, fp16):
    vnni = bool(VNNI & flags)
    print(f"processor: {'VNNI (' + ', '.join(sorted(VNNI & flags)) + ')' if vnni else 'no VNNI'}, "
          f"{'AVX-512' if 'avx512f' in flags else 'AVX2' if 'avx2' in flags else 'no AVX2'}")
    print(f"ResNet-18 of 64 × 64, one image, one thread; accuracy on {int8['samples']} images that neither training nor calibration saw\n")
    print(f"{'':34}{'FP32 ms':>9}{'ms':>9}{'times':>9}{'FP32 %':>10}{'right %':>9}{'max error':>10}")
    row("INT8, this processor", int8)
    if int8_avx2 is not None:
        row("INT8, 7-bit weights, AVX2 alone", int8_avx2)
    row("FP16 (computed in FP32 by ORT)", fp16)
    print(f"\nscores are {fp16['usual_score']:.2f} on the mean" + (f"; AVX2 alone was not measured: {reason}" if reason else ""))
    drops = [result["accuracy_before"] - result["accuracy_after"] for result in (int8, int8_avx2) if result is not None]
    speedup, error = int8["before_ms"] / int8["after_ms"], fp16["max_error"] / fp16["usual_score"]
    wanted = SPEEDUP_WITH_VNNI if vnni else SPEEDUP
    line = {
        "vnni": vnni,
        **measured("int8_speedup", speedup, wanted, speedup >= wanted if vnni else speedup > wanted),
        **measured("int8_accuracy_drop", max(drops), ACCURACY_DROP, max(drops) <= ACCURACY_DROP),
        **measured("fp16_max_error", error, FP16_ERROR, error <= FP16_ERROR),
    }
    if int8_avx2 is not None:
        speedup = int8_avx2["before_ms"] / int8_avx2["after_ms"]
        line |= measured("int8_speedup_avx2", speedup, SPEEDUP, speedup > SPEEDUP)
    print(json.dumps(line))


def main():
    parser = argparse.ArgumentParser(prog="./shusuan bench convert", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="how long two models are timed by turns (10)")
    parser.add_argument("--distribution", type=Path, required=True, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="shusuan-convert-") as work:
        bench = Bench(asked, Path(work))
        int8 = Converted(bench, "int8").compared()
        int8_avx2, reason = without_avx512(bench)
        fp16 = Converted(bench, "fp16", "--target", "gpu").compared()
    report(processor_flags(), int8, int8_avx2, reason, fp16)


try:
    main()
except environments.Missing as missing:
    sys.exit(f"bench convert: {missing}")
