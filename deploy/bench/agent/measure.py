"""One server through its cases: rate, latencies, and the processor time of the server for each request."""
from dataclasses import dataclass
from typing import Optional

from loads import Failed


@dataclass(frozen=True)
class Result:
    """What one server reached in one case. A case it cannot do has a reason instead of figures."""

    server: str
    case: str
    load: str = ""
    per_second: float = 0
    p50_us: int = 0
    p99_us: int = 0
    cpu_us: float = 0
    restless: bool = False
    reason: Optional[str] = None


def measure(server, process, case, load, seconds):
    message = server.message(case)
    if message is None:
        return Result(server.name, case.key, reason=f"has no {case.protocol}")
    before = process.cpu_us()
    try:
        seen = load.run(case, server.port(case), message, seconds)
    except Failed as failed:
        return Result(server.name, case.key, load.name, reason=str(failed))
    cpu = (process.cpu_us() - before) / max(1, seen.requests)
    return Result(server.name, case.key, load.name, seen.per_second, seen.p50_us, seen.p99_us, cpu, seen.restless)
