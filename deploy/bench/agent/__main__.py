"""./shusuan bench agent: the agent and its peers over the same models, one after the other, on this machine."""
import argparse
import os
import sys
import tempfile
from pathlib import Path

import cases
import environments
import servers
from report import Report
from run import Run


def arguments():
    parser = argparse.ArgumentParser(prog="./shusuan bench agent", description=__doc__)
    parser.add_argument("--only", metavar="CASES", help="words that the cases' names contain, with commas: identity-http,resnet18")
    parser.add_argument("--peers", metavar="LIST", help="servers to measure, with commas: agent,triton,kserve,…; all by default")
    parser.add_argument("--seconds", type=float, default=4, help="the length of a window (4); perf_analyzer takes three or more")
    parser.add_argument("--results", metavar="FILE", help="keep results here, and do not measure again what it has")
    parser.add_argument("--distribution", type=Path, required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def words(text):
    return [word for word in (text or "").split(",") if word]


def main():
    asked = arguments()
    chosen = cases.chosen(words(asked.only))
    peers = servers.chosen(words(asked.peers))
    servers.require_free_ports()
    with tempfile.TemporaryDirectory(prefix="shusuan-bench-") as work:
        models = Path(work) / "onnx"
        models.mkdir()
        environments.run("the models", environments.tools(), servers.INSIDE / "write_models.py", models)
        context = servers.Context(asked.distribution, Path(os.environ["JAVA_HOME"]), models, Path(work))
        run = Run(context, asked.seconds, asked.results)
        run.measure_bare_engine(chosen)
        run.measure_agent_alone()
        for peer in peers:
            run.measure(peer, chosen)
    report = Report(chosen, run)
    report.print()
    print(report.json_line())


try:
    main()
except environments.Missing as missing:
    sys.exit(f"bench agent: {missing}")
