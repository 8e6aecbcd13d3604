"""What is measured: models, the tensors sent to them, and what is to be reached."""
from dataclasses import dataclass
from math import prod


@dataclass(frozen=True)
class Case:
    """One column of the table. The target is for the ratio to the best peer; a ratio is the better the larger it is."""

    name: str
    model: str
    shape: tuple
    protocol: str
    concurrency: int
    target: float
    by_latency: bool = False

    @property
    def key(self):
        return f"{self.name}-{self.protocol}-c{self.concurrency}"

    @property
    def tensor_bytes(self):
        return 4 * prod(self.shape)


TINY = (1, 16)
LARGE = (1, 4 << 20)
IMAGE = (1, 3, 224, 224)
ROW = (1, 1024)

ALL = (
    Case("identity", "identity", TINY, "http", 1, 2.0, by_latency=True),
    Case("identity", "identity", TINY, "grpc", 1, 2.0, by_latency=True),
    Case("identity", "identity", TINY, "http", 16, 2.2),
    Case("identity", "identity", TINY, "grpc", 16, 2.6),
    Case("identity-16mb", "identity", LARGE, "http", 1, 1.9),
    Case("identity-16mb", "identity", LARGE, "grpc", 1, 1.9),
    Case("resnet18", "resnet18", IMAGE, "http", 1, 0.97),
    Case("resnet18", "resnet18", IMAGE, "grpc", 1, 0.97),
    Case("resnet18", "resnet18", IMAGE, "http", 16, 0.97),
    Case("resnet18", "resnet18", IMAGE, "grpc", 16, 0.97),
    Case("batching-mlp", "batching_mlp", ROW, "http", 32, 2.0),
    Case("batching-mlp", "batching_mlp", ROW, "grpc", 32, 2.0),
)


def chosen(words):
    """The cases called so, or whose names contain one of the words; all for none."""
    if not words:
        return ALL
    keys = {case.key for case in ALL}
    found = tuple(case for case in ALL if any(word == case.key or word in case.key and word not in keys for word in words))
    if not found:
        raise SystemExit(f"no case is called {', '.join(words)}; there are {', '.join(case.key for case in ALL)}")
    return found
