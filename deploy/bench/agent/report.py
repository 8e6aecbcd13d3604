"""The table of servers and cases, and the one line for programs."""
import json
from typing import Optional

from servers import AGENT


class Report:
    def __init__(self, cases, run):
        self.cases = cases
        self.run = run
        self.servers = list(dict.fromkeys(result.server for result in run.results))
        self.results = {(result.server, result.case): result for result in run.results}

    def good(self, server, case):
        result = self.results.get((server, case.key))
        return result if result is not None and result.reason is None else None

    def best_peer(self, case):
        peers = [self.good(server, case) for server in self.servers if server != AGENT.name]
        peers = [peer for peer in peers if peer is not None]
        if not peers:
            return None
        return min(peers, key=lambda peer: peer.p50_us) if case.by_latency else max(peers, key=lambda peer: peer.per_second)

    def ratio(self, case) -> Optional[float]:
        """How many times better the agent is: in rate, or in median latency where that is what counts."""
        agent, peer = self.good(AGENT.name, case), self.best_peer(case)
        if agent is None or peer is None:
            return None
        if case.by_latency:
            return peer.p50_us / max(1, agent.p50_us)
        return agent.per_second / peer.per_second

    def cpu_ratio(self, case) -> Optional[float]:
        """How many times less processor time the agent takes for a request: what decides where the client is the limit."""
        agent, peer = self.good(AGENT.name, case), self.best_peer(case)
        return peer.cpu_us / max(1, agent.cpu_us) if agent and peer else None

    def bare(self, case):
        """The bare engine at a case's concurrency; None where it was not measured."""
        return self.run.bare.get(f"{case.model}-c{case.concurrency}")

    def bare_engine_shares(self, case):
        """What of the bare engine's rate, and of its processor time for a request, the agent reaches; None where it was not measured."""
        agent, bare = self.good(AGENT.name, case), self.bare(case)
        return (agent.per_second / bare["per_second"], bare["cpu_us"] / max(1, agent.cpu_us)) if agent and bare else None

    def bare_engine_times(self, case):
        """How many times what the bare engine spends on a row at its best batch size the agent spends on a request."""
        agent, bare = self.good(AGENT.name, case), self.run.bare.get(f"{case.model}-cpu")
        return agent.cpu_us / bare if agent and bare else None

    def bare_engine_share(self):
        """The smallest over the ResNet cases measured: of its rate; and of its processor time, which a client on the same cores leaves alone."""
        shares = [share for share in map(self.bare_engine_shares, self.cases) if share is not None]
        return tuple(min(each) for each in zip(*shares)) if shares else (None, None)

    def print(self):
        for case in self.cases:
            print(f"\n{case.key}")
            print(f"  {'':12}{'per s':>10}{'p50 µs':>10}{'p99 µs':>10}{'CPU µs':>10}{'agent ×':>10}")
            for server in self.servers:
                self.print_row(server, case)
            bare = self.bare(case)
            if bare is not None:
                print(f"  {'bare engine':12}{bare['per_second']:>10.1f}{'':>20}{bare['cpu_us']:>10.0f}")
            shares = self.bare_engine_shares(case)
            if shares is not None:
                print(f"  {shares[0]:.1%} of the bare engine's rate, {shares[1]:.1%} by processor time")
            times = self.bare_engine_times(case)
            if times is not None:
                print(f"  {times:.2f} times the bare engine's processor time at its best batch size")
            ratio = self.ratio(case)
            if ratio is not None:
                verdict = "reached" if ratio >= case.target else "MISSED"
                print(f"  {self.best_peer(case).server} × {ratio:.2f} {'in p50' if case.by_latency else 'in rate'}, "
                      f"× {self.cpu_ratio(case):.2f} in processor time, target {case.target}: {verdict}")
        print()
        for server, start in self.run.started.items():
            print(f"{server:12} ready after {start['ready_ms']} ms, {start['idle_rss_mb']:.0f} MB idle with the models, "
                  f"{start['after_rss_mb']:.0f} MB after its cases")
        for server, reason in self.run.skipped.items():
            print(f"{server:12} skipped: {reason}")
        if "batching_mlp-cpu" in self.run.bare:
            print(f"the bare engine spends {self.run.bare['batching_mlp-cpu']:.1f} µs on a row of the batching MLP at its best batch size")

    def print_row(self, server, case):
        result = self.results.get((server, case.key))
        if result is None or result.reason is not None and result.reason.startswith("has no"):
            return
        if result.reason is not None:
            print(f"  {server:12} – {result.reason}")
            return
        agent = self.good(AGENT.name, case)
        times = f"{agent.per_second / result.per_second:.2f}" if agent and result.per_second and server != AGENT.name else ""
        print(f"  {server:12}{result.per_second:>10.1f}{result.p50_us:>10}{result.p99_us:>10}{result.cpu_us:>10.0f}{times:>10}"
              + (" (windows differ by more than 15 %)" if result.restless else ""))

    def json_line(self):
        cases = []
        for case in self.cases:
            agent, peer = self.good(AGENT.name, case), self.best_peer(case)
            ratio, cpu_ratio = self.ratio(case), self.cpu_ratio(case)
            cases.append({
                "name": case.name, "protocol": case.protocol, "concurrency": case.concurrency,
                "agent_per_second": agent and round(agent.per_second, 1), "agent_p50_us": agent and agent.p50_us,
                "agent_p99_us": agent and agent.p99_us, "agent_cpu_us": agent and round(agent.cpu_us, 1),
                "best_peer": peer and peer.server, "best_peer_per_second": peer and round(peer.per_second, 1),
                "ratio": ratio and round(ratio, 3), "cpu_ratio": cpu_ratio and round(cpu_ratio, 3), "target": case.target})
        share, cpu_share = self.bare_engine_share()
        return json.dumps({
            "cases": cases, "bare_engine_share": share and round(share, 3), "bare_engine_cpu_share": cpu_share and round(cpu_share, 3),
            **self.run.agent_alone})
