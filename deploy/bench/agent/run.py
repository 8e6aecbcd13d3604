"""A run: what has been measured so far, kept in a file when one is named, so that it can be cut off and go on."""
import json
import sys
from dataclasses import asdict
from pathlib import Path

import bare
import environments
import loads
import servers
from measure import Result, measure
from processes import NotReady, Process

WARM_UP_SECONDS = 3
WARM_UP_ROUNDS = 10
GROWTH = 1.03
QUIET_ROUNDS = 2


class Run:
    def __init__(self, context, seconds, file):
        self.context = context
        self.seconds = seconds
        self.file = file and Path(file)
        kept = json.loads(self.file.read_text()) if self.file and self.file.exists() else {}
        self.results = [Result(**result) for result in kept.get("results", [])]
        self.bare = kept.get("bare", {})
        self.started = kept.get("started", {})
        self.skipped = {}
        self.agent_alone = kept.get("agent_alone", {})
        self.bytes = loads.Bytes(context.java, context.load_libraries)
        try:
            self.perf_analyzer = loads.PerfAnalyzer()
        except environments.Missing as missing:
            self.perf_analyzer = self.bytes
            self.skipped["perf_analyzer"] = f"{missing}; {self.bytes.name} takes its place"

    def keep(self):
        if self.file:
            self.file.write_text(json.dumps({
                "results": [asdict(result) for result in self.results], "bare": self.bare, "started": self.started,
                "agent_alone": self.agent_alone}, indent=1))

    def measure_bare_engine(self, cases):
        wanted = {f"{case.model}-c{case.concurrency}": case.concurrency for case in cases if case.model == "resnet18"}
        for key, concurrency in wanted.items():
            if key not in self.bare:
                self.bare[key] = bare.resnet18(self.context.models, concurrency, round(max(1, self.seconds)))
        if "batching_mlp-cpu" not in self.bare and any(case.model == "batching_mlp" for case in cases):
            self.bare["batching_mlp-cpu"] = bare.batching_mlp(self.context.models, round(max(1, self.seconds)))
        self.keep()

    def measure_agent_alone(self):
        """Without models: the median start of five, and the memory when nothing happens."""
        if self.agent_alone:
            return
        empty = self.context.work / "empty"
        empty.mkdir()
        command = servers.agent_command(self.context, empty)
        starts = []
        for _ in range(5):
            process = Process(command, self.context.work / "empty.log", servers.agent_environment(self.context))
            try:
                starts.append(process.wait_ready(servers.READY))
                memory = process.rss_mb()
            finally:
                process.stop()
        self.agent_alone = {"start_ms": sorted(starts)[2], "idle_rss_mb": round(memory, 1)}
        self.keep()

    def measure(self, server, cases):
        done = {result.case for result in self.results if result.server == server.name}
        left = [case for case in cases if case.key not in done]
        if not left:
            return
        say(f"starting {server.name} …")
        try:
            process = server.start(self.context)
        except environments.Missing as missing:
            self.skipped[server.name] = str(missing)
            return
        try:
            ready = process.wait_ready(server.ready)
            idle = process.rss_mb()
            for case in left:
                self.results.append(self.measure_case(server, process, case))
                self.keep()
            self.started[server.name] = {"ready_ms": ready, "idle_rss_mb": idle, "after_rss_mb": process.rss_mb()}
        except NotReady as dead:
            self.skipped[server.name] = str(dead)
        finally:
            process.stop()
        self.keep()

    @staticmethod
    def warm_up(server, case, load):
        """The load to come, until rounds bring nothing new: compiling is not counted as serving. Failures show when it is measured."""
        message = server.message(case)
        if message is None:
            return
        best, quiet = 0, 0
        try:
            for _ in range(WARM_UP_ROUNDS):
                reached = load.rate(case, server.port(case), message, WARM_UP_SECONDS)
                quiet = quiet + 1 if reached < best * GROWTH else 0
                if quiet == QUIET_ROUNDS:
                    return
                best = max(best, reached)
        except loads.Failed:
            pass

    def load(self, server, case):
        """What the agent, which is first, could not be measured with, Triton is not either: clients are not alike."""
        given_up = any(result.server == servers.AGENT.name and result.case == case.key and result.load == self.bytes.name for result in self.results)
        return self.perf_analyzer if server.speaks_triton and not given_up else self.bytes

    def measure_case(self, server, process, case):
        load = self.load(server, case)
        self.warm_up(server, case, load)
        result = measure(server, process, case, load, self.seconds)
        if result.reason and load is not self.bytes:
            # On few cores the threads that send can keep perf_analyzer from ever looking at what they have measured.
            result = measure(server, process, case, self.bytes, self.seconds)
        say(f"  {server.name:10} {case.key:24} " + (result.reason or f"{result.per_second:10.1f} per s, p50 {result.p50_us} µs, "
                                                     f"p99 {result.p99_us} µs, CPU {result.cpu_us:.0f} µs"))
        return result


def say(text):
    print(text, file=sys.stderr, flush=True)
