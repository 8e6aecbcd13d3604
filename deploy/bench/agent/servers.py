"""Everything that is measured: how it is installed and started, and what it takes."""
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Optional

import environments
import messages
import repository
from processes import Process

INSIDE = Path(__file__).parent / "inside"
HTTP, GRPC, METRICS = 18300, 18301, 18302


def require_free_ports():
    """Whoever answers there already would be measured in place of each server that cannot start."""
    for port in (HTTP, GRPC, METRICS):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise environments.Missing(f"port {port} is taken; end the program that listens there") from None


@dataclass(frozen=True)
class Context:
    """Where things are: the agent's distribution, a Java, the ONNX files, and a folder that is deleted afterwards."""

    agent: Path
    java_home: Path
    models: Path
    work: Path

    @property
    def java(self):
        return self.java_home / "bin/java"

    @property
    def load_libraries(self):
        """What Load.java needs, built beside the agent."""
        return self.agent.parent / "load/lib"


@dataclass(frozen=True)
class Server:
    name: str
    start: Callable[[Context], Process]
    ready: str
    http: Optional[Callable] = None
    grpc: Optional[Callable] = None
    """Whether it answers what perf_analyzer asks before it begins, the model's configuration above all."""
    speaks_triton: bool = False

    def message(self, case):
        """What this server is sent in this case, None when it does not have the protocol."""
        form = self.grpc if case.protocol == "grpc" else self.http
        return form and form(case)

    @staticmethod
    def port(case):
        return GRPC if case.protocol == "grpc" else HTTP


def start_agent(context, *flags):
    models = repository.write(context.work / "agent", context.models, ("identity", "onnxruntime"))
    return Process([*agent_command(context, models), *flags], context.work / "agent.log", agent_environment(context))


def agent_command(context, models):
    return [context.agent / "bin/shusuan-agent", f"--model-repository={models}", f"--http-port={HTTP}", f"--grpc-port={GRPC}",
            f"--metrics-port={METRICS}"]


def agent_environment(context):
    return {"JAVA_HOME": str(context.java_home)}


def start_triton(context):
    python = environments.python("triton", "nvidia-pytriton==0.7.0", environments.ONNXRUNTIME)
    packages = next((python.parent.parent / "lib").glob("python3.*/site-packages"))
    server = packages / "pytriton/tritonserver"
    stub = server / "python_backend_stubs" / packages.parent.name.removeprefix("python") / "triton_python_backend_stub"
    if not stub.exists():
        raise environments.Missing(f"Triton's Python backend has no stub for {packages.parent.name}")
    (server / "backends/python/triton_python_backend_stub").unlink(missing_ok=True)
    (server / "backends/python/triton_python_backend_stub").symlink_to(stub)
    models = repository.write(context.work / "triton", context.models, ("python", "python"), INSIDE / "triton_model.py")
    command = [server / "bin/tritonserver", f"--model-repository={models}", f"--backend-directory={server / 'backends'}",
               f"--http-port={HTTP}", f"--grpc-port={GRPC}", f"--metrics-port={METRICS}", "--http-address=127.0.0.1",
               "--grpc-address=127.0.0.1", "--metrics-address=127.0.0.1"]
    environment = {"PYTHONPATH": str(packages), "PATH": f"{python.parent}:/usr/local/bin:/usr/bin:/bin",
                   "LD_LIBRARY_PATH": library_folder(python)}
    return Process(command, context.work / "triton.log", environment)


def library_folder(python):
    """Where libpython is, which the stub is linked with."""
    return environments.run("python", python, "-c", "import sysconfig; print(sysconfig.get_config_var('LIBDIR'))").strip()


def in_python(name, *requirements):
    """A server that is a Python program of ours around a package: FOLDER HTTP-PORT GRPC-PORT."""

    def start(context):
        python = environments.python(name, *requirements, environments.ONNXRUNTIME)
        return Process([python, INSIDE / f"{name}_server.py", context.models, HTTP, GRPC], context.work / f"{name}.log",
                       {"PATH": f"{python.parent}:/usr/local/bin:/usr/bin:/bin"}, context.work)

    return start


READY = f"http://127.0.0.1:{HTTP}/v2/health/ready"

AGENT = Server("agent", start_agent, READY, messages.v2_binary, messages.v2_grpc, speaks_triton=True)

PEERS = (
    Server("triton", start_triton, READY, messages.v2_binary, messages.v2_grpc, speaks_triton=True),
    Server("kserve", in_python("kserve", "kserve==0.21.0"), READY, messages.v2_binary, messages.v2_grpc),
    Server("mlserver", in_python("mlserver", "mlserver==1.7.1"), READY, messages.v2_json, messages.v2_grpc),
    Server("litserve", in_python("litserve", "litserve==0.2.19"), f"http://127.0.0.1:{HTTP}/health", messages.base64_json),
    Server("bentoml", in_python("bentoml", "bentoml==1.4.40"), f"http://127.0.0.1:{HTTP}/readyz", messages.raw),
    Server("ray", in_python("ray", "ray[serve]==2.60.0"), f"http://127.0.0.1:{HTTP}/-/healthz", messages.raw),
)


def chosen(names):
    known = {peer.name: peer for peer in (AGENT, *PEERS)}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SystemExit(f"there is no peer {', '.join(unknown)}; there are {', '.join(known)}")
    return [known[name] for name in names] if names else [AGENT, *PEERS]
