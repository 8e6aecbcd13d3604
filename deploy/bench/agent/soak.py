"""./shusuan bench soak: mixed load over HTTP and gRPC while models are loaded again and again. Nothing may fail, nothing may grow."""
import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import cases
import environments
import servers
from loads import client

SETTLE_SECONDS = 15
# The JVM compiles what reloads do only after hundreds of them, and 5 MB of machine code are no leak.
WARM_UP_ROUNDS = 8
WARM_UP_SECONDS = 30
WARM_UP_RELOADS = 100
STEADY_ROUNDS = 2
STEADY = 1.02
MODELS = ("batching_mlp", "identity")
LOADS = ("identity-http-c16", "identity-grpc-c16", "batching-mlp-http-c32", "batching-mlp-grpc-c32")


class Load:
    """One of the benchmark's cases with few callers, until it is told to end; it fails with its first failed request."""

    def __init__(self, context, case, seconds):
        self.case = case
        message = servers.AGENT.message(case)
        self.body = context.work / f"{case.key}.body"
        self.body.write_bytes(message.body)
        url = f"grpc://127.0.0.1:{servers.GRPC}" if case.protocol == "grpc" else f"http://127.0.0.1:{servers.HTTP}{message.path}"
        self.process = subprocess.Popen(
            client(context.java, context.load_libraries, "256m", url, self.body, 4, seconds, message),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def ends(self):
        """How many requests were answered; the reason when one was not."""
        out, error = self.process.communicate()
        if self.process.returncode != 0:
            return 0, f"{self.case.key}: {' '.join(error.split())[:300]}"
        return json.loads(out.splitlines()[-1])["requests"], None


def reload(context, model):
    # a version that looks as before would stay in memory
    os.utime(context.work / "agent" / model / "1")
    request = urllib.request.Request(f"http://127.0.0.1:{servers.HTTP}/v2/repository/models/{model}/load", data=b"{}", method="POST")
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()


def soak(context, process, reloads, seconds):
    """Reloads both models in turn, evenly over the time; returns failures and the growth of memory between two quiet moments."""
    chosen = [case for case in cases.ALL if case.key in LOADS]
    before = warm_up(context, process, chosen)
    loads = [Load(context, case, seconds) for case in chosen]
    failures = []
    begin = time.monotonic()
    for index in range(reloads):
        try:
            reload(context, MODELS[index % len(MODELS)])
        except OSError as refused:
            failures.append(f"reload {index}: {refused}")
        pause(begin + (index + 1) * seconds / max(1, reloads))
        if index % 50 == 49:
            print(f"  {index + 1} reloads, {process.rss_mb():.0f} MB", file=sys.stderr, flush=True)
    pause(begin + seconds)
    answered = 0
    for load in loads:
        requests, reason = load.ends()
        answered += requests
        if reason:
            failures.append(reason)
    return answered, failures, before, settled(process)


def warm_up(context, process, chosen):
    """Load and reloads as later, round by round, until two in a row take no more memory than the one before; returns the memory."""
    taken = [settled(process)]
    while len(taken) <= WARM_UP_ROUNDS and not steady(taken):
        loads = [Load(context, case, WARM_UP_SECONDS) for case in chosen]
        for index in range(WARM_UP_RELOADS):
            reload(context, MODELS[index % len(MODELS)])
        for load in loads:
            load.ends()
        taken.append(settled(process))
        print(f"  warm-up {len(taken) - 1}: {taken[-1]:.0f} MB", file=sys.stderr, flush=True)
    return taken[-1]


def steady(taken):
    steps = list(itertools.pairwise(taken))[-STEADY_ROUNDS:]
    return len(steps) == STEADY_ROUNDS and all(after < before * STEADY for before, after in steps)


def settled(process):
    time.sleep(SETTLE_SECONDS)
    return process.rss_mb()


def pause(until):
    threading.Event().wait(max(0, until - time.monotonic()))


def main():
    parser = argparse.ArgumentParser(prog="./shusuan bench soak", description=__doc__)
    parser.add_argument("--reloads", type=int, default=500, help="how often a model is loaded anew (500)")
    parser.add_argument("--seconds", type=int, default=300, help="how long the load lasts (300; 3600 for an hour)")
    parser.add_argument("--distribution", type=Path, required=True, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    servers.require_free_ports()
    with tempfile.TemporaryDirectory(prefix="shusuan-soak-") as work:
        models = Path(work) / "onnx"
        models.mkdir()
        environments.run("the models", environments.tools(), servers.INSIDE / "write_models.py", models)
        context = servers.Context(asked.distribution, Path(os.environ["JAVA_HOME"]), models, Path(work))
        process = servers.start_agent(context, "--model-control-mode=explicit", "--load-model=*")
        try:
            process.wait_ready(servers.READY)
            answered, failures, before, after = soak(context, process, asked.reloads, asked.seconds)
        finally:
            process.stop()
    growth = after / before - 1
    for failure in failures:
        print(failure)
    print(f"{answered} requests answered, {asked.reloads} reloads, {len(failures)} failures; "
          f"memory {before:.0f} MB before, {after:.0f} MB after, {growth:+.1%}")
    print(json.dumps({"reload_failures": len(failures), "rss_growth": round(growth, 4)}))


try:
    main()
except environments.Missing as missing:
    sys.exit(f"bench soak: {missing}")
