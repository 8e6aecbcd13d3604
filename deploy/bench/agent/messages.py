"""One request as bytes, in the forms that the servers take."""
import base64
import json
import random
import struct
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Message:
    body: bytes
    headers: dict = field(default_factory=dict)
    path: str = ""


def tensor(case):
    """Random floats between 0 and 1, the same each time. A large tensor repeats a block, so that it is made at once."""
    numbers = random.Random(0)
    count = min(case.tensor_bytes // 4, 4096)
    block = struct.pack(f"<{count}f", *(numbers.random() for _ in range(count)))
    return (block * (case.tensor_bytes // len(block) + 1))[: case.tensor_bytes]


def v2_binary(case):
    head = {"inputs": [{"name": "INPUT0", "shape": case.shape, "datatype": "FP32",
                        "parameters": {"binary_data_size": case.tensor_bytes}}],
            "parameters": {"binary_data_output": True}}
    text = json.dumps(head).encode()
    return Message(text + tensor(case), {"Inference-Header-Content-Length": str(len(text)),
                                         "Content-Type": "application/octet-stream"}, infer_path(case))


def v2_json(case):
    values = [round(value, 4) for (value,) in struct.iter_unpack("<f", tensor(case))]
    body = {"inputs": [{"name": "INPUT0", "shape": case.shape, "datatype": "FP32", "data": values}]}
    return Message(json.dumps(body).encode(), {"Content-Type": "application/json"}, infer_path(case))


def infer_path(case):
    return f"/v2/models/{case.model}/infer"


def raw(case):
    """The tensor alone; what it is stands in headers."""
    return Message(tensor(case), {"Content-Type": "application/octet-stream", "X-Shape": ",".join(map(str, case.shape))},
                   f"/{case.model}")


def base64_json(case):
    body = {"shape": case.shape, "data": base64.b64encode(tensor(case)).decode()}
    return Message(json.dumps(body).encode(), {"Content-Type": "application/json"}, f"/{case.model}")


def v2_grpc(case):
    """A ModelInferRequest: model_name 1, inputs 5 (name 1, datatype 2, shape 3), raw_input_contents 7."""
    shape = b"".join(map(varint, case.shape))
    described = delimited(1, b"INPUT0") + delimited(2, b"FP32") + delimited(3, shape)
    return Message(delimited(1, case.model.encode()) + delimited(5, described) + delimited(7, tensor(case)))


def delimited(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(value):
    encoded = bytearray()
    while value > 127:
        encoded.append(value & 127 | 128)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
