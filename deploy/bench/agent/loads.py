"""The two load generators: Triton's own where a server speaks enough of the protocol, and Load.java everywhere else."""
import csv
import json
import os
import subprocess
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import environments
from servers import HTTP

HERE = Path(__file__).parent


class Failed(Exception):
    """A load did not run through; the message says why."""


@dataclass(frozen=True)
class Load:
    """What the clients saw, and how many requests were answered in all, those that warmed up as well."""

    per_second: float
    p50_us: int
    p99_us: int
    requests: int
    restless: bool = False


class PerfAnalyzer:
    """Windows of the given seconds until three in a row agree within 15 %; on a restless machine, any three, and the result says so."""

    name = "perf_analyzer"

    def __init__(self):
        self.binary, self.environment = environments.perf_analyzer()

    def run(self, case, port, message, seconds):
        del message  # it makes its own
        before = answered(case)
        row, _ = self.execute(case, port, seconds, percent=15, windows=8)
        restless = row is None
        if restless:
            row, said = self.execute(case, port, seconds, percent=1000, windows=3)
            if row is None:
                raise Failed(f"perf_analyzer: {said}")
        return Load(float(row["Inferences/Second"]), int(row["p50 latency"]), int(row["p99 latency"]), answered(case) - before, restless)

    def rate(self, case, port, message, seconds):
        """Per second, over any three windows."""
        del message
        row, said = self.execute(case, port, seconds / 3, percent=1000, windows=3)
        if row is None:
            raise Failed(f"perf_analyzer: {said}")
        return float(row["Inferences/Second"])

    def execute(self, case, port, seconds, percent, windows):
        """The row of its table, None where the windows differ by more; and what it said."""
        with tempfile.TemporaryDirectory() as folder:
            table = f"{folder}/table.csv"
            done = self.started(case, port, seconds, table, percent, windows)
            said = " ".join((done.stdout + done.stderr).split())[-300:]
            if not os.path.exists(table):
                return None, said
            with open(table, encoding="utf-8") as rows:
                return next(csv.DictReader(rows)), said

    def started(self, case, port, seconds, table, percent, windows):
        # a model with a batch dimension is asked for its other dimensions
        shape = case.shape if case.model == "identity" else case.shape[1:]
        command = [self.binary, "-m", case.model, "-u", f"127.0.0.1:{port}", "-i", case.protocol,
                   "--shape", f"INPUT0:{','.join(map(str, shape))}", "--concurrency-range", case.concurrency,
                   "-p", int(seconds * 1000), "-s", percent, "-r", windows, "-f", table]
        return execute(command, 60 + seconds * 20, {**os.environ, **self.environment})


def answered(case):
    """As the server counts."""
    with urllib.request.urlopen(f"http://127.0.0.1:{HTTP}/v2/models/{case.model}/stats", timeout=30) as answer:
        return json.load(answer)["model_stats"][0]["inference_stats"]["success"]["count"]


class Bytes:
    """Posts or calls with one message over and over. Its path on a server is the message's."""

    name = "Load.java"

    def __init__(self, java, libraries):
        self.java = java
        self.libraries = libraries

    def run(self, case, port, message, seconds):
        with tempfile.NamedTemporaryFile() as body:
            body.write(message.body)
            body.flush()
            url = f"grpc://127.0.0.1:{port}" if case.protocol == "grpc" else f"http://127.0.0.1:{port}{message.path}"
            command = client(self.java, self.libraries, "512m", url, body.name, case.concurrency, max(1, round(seconds)), message)
            done = execute(command, 60 + seconds * 3, None)
        if done.returncode != 0:
            raise Failed(" ".join(done.stderr.split())[:300])
        return Load(**json.loads(done.stdout.splitlines()[-1]))

    def rate(self, case, port, message, seconds):
        return self.run(case, port, message, seconds).per_second


def client(java, libraries, memory, url, body, callers, seconds, message):
    """The command of the benchmark's own client, which says nothing but what is wrong."""
    command = [java, "-XX:+UseSerialGC", f"-Xmx{memory}", "--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED",
               "-cp", f"{libraries}/*", HERE / "Load.java", url, body, callers, seconds,
               *(f"{name}={value}" for name, value in message.headers.items())]
    return [str(word) for word in command]


def execute(command, seconds, environment):
    try:
        return subprocess.run([str(word) for word in command], env=environment, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired as late:
        raise Failed(f"no result after {late.timeout} s") from late
