"""Calls a running agent with the Python client: HTTP_ADDRESS GRPC_ADDRESS. Exits 0 when every answer is right."""
import asyncio
import queue
import sys

import numpy as np
import tritonclient.grpc as grpcclient
import tritonclient.grpc.aio as grpcaio
import tritonclient.http as httpclient
import tritonclient.http.aio as httpaio
from tritonclient.utils import InferenceServerException

try:
    from ml_dtypes import bfloat16 as BF16
except ImportError:  # clients before 26.06 take float32 instead
    BF16 = np.float32

TYPES = {
    "BOOL": np.array([[True, False], [False, True]]),
    "UINT8": np.array([[0, 255], [1, 2]], dtype=np.uint8),
    "UINT16": np.array([[0, 1], [2, 65535]], dtype=np.uint16),
    "UINT32": np.array([[0, 1], [2, 2**32 - 1]], dtype=np.uint32),
    "UINT64": np.array([[0, 1], [2, 2**64 - 1]], dtype=np.uint64),
    "INT8": np.array([[-128, 127], [1, 2]], dtype=np.int8),
    "INT16": np.array([[-5, 5], [1, 2]], dtype=np.int16),
    "INT32": np.array([[-5, 5], [1, 2]], dtype=np.int32),
    "INT64": np.array([[-5, 1 << 60], [1, 2]], dtype=np.int64),
    "FP16": np.array([[0.5, -2], [1, 65504]], dtype=np.float16),
    "BF16": np.array([[0.5, -2], [1, 2]], dtype=BF16),
    "FP32": np.array([[0.1, -2], [np.inf, 1e30]], dtype=np.float32),
    "FP64": np.array([[0.1, -2], [1, 1e300]], dtype=np.float64),
    "BYTES": np.array([["a", ""], ["数算岛", "plain text"]], dtype=object),
}


def check(what, condition):
    if not condition:
        raise AssertionError(what)
    print("ok", what)


def add_sub(module, client, **options):
    a = np.arange(8, dtype=np.int32).reshape(2, 4)
    b = np.full((2, 4), 3, dtype=np.int32)
    inputs = [module.InferInput("A", [2, 4], "INT32"), module.InferInput("B", [2, 4], "INT32")]
    inputs[0].set_data_from_numpy(a, **options)
    inputs[1].set_data_from_numpy(b, **options)
    result = client.infer("add_sub", inputs, request_id="call-1")
    check("sum", (result.as_numpy("SUM") == a + b).all())
    check("difference", (result.as_numpy("DIFFERENCE") == a - b).all())
    one = client.infer("add_sub", inputs, outputs=[module.InferRequestedOutput("SUM")])
    check("only what was asked for", one.as_numpy("DIFFERENCE") is None and (one.as_numpy("SUM") == a + b).all())


def all_types(module, client):
    inputs = []
    for name, array in TYPES.items():
        tensor = module.InferInput("IN_" + name, [2, 2], name)
        tensor.set_data_from_numpy(array)
        inputs.append(tensor)
    result = client.infer("all_types", inputs)
    for name, array in TYPES.items():
        answer = result.as_numpy("OUT_" + name)
        if name == "BYTES":
            answer = np.array([text.decode() for text in answer.flatten()], dtype=object).reshape(2, 2)
        check(name, answer.shape == (2, 2) and (answer == array).all())


def errors(module, client):
    tensor = module.InferInput("image", [9, 64], "FP32")
    tensor.set_data_from_numpy(np.zeros((9, 64), dtype=np.float32))
    try:
        client.infer("mlp", [tensor])
    except InferenceServerException as refused:
        check("a batch too large is refused", "batch-size must be <= 4" in refused.message())
    else:
        raise AssertionError("a batch of 9 was taken")
    try:
        client.infer("nope", [tensor])
    except InferenceServerException as refused:
        check("an unknown model is refused", "unknown model: 'nope' is not found" in refused.message())
    else:
        raise AssertionError("an unknown model answered")


def classes(module, client, **options):
    tensor = module.InferInput("image", [2, 64], "FP32")
    tensor.set_data_from_numpy(np.ones((2, 64), dtype=np.float32))
    result = client.infer("mlp", [tensor], outputs=[module.InferRequestedOutput("probabilities", class_count=3)])
    check("three classes each", result.as_numpy("probabilities").shape == (2, 3))


def shared_memory(module, client):
    import tritonclient.utils.shared_memory as shm

    a = np.arange(8, dtype=np.int32).reshape(2, 4)
    handle = shm.create_shared_memory_region("in", "/shusuan-check", 96)
    try:
        shm.set_shared_memory_region(handle, [a, a])
        client.register_system_shared_memory("in", "/shusuan-check", 96)
        inputs = [module.InferInput("A", [2, 4], "INT32"), module.InferInput("B", [2, 4], "INT32")]
        inputs[0].set_shared_memory("in", 32)
        inputs[1].set_shared_memory("in", 32, offset=32)
        wanted = module.InferRequestedOutput("SUM")
        wanted.set_shared_memory("in", 32, offset=64)
        client.infer("add_sub", inputs, outputs=[wanted])
        check("shared memory", (shm.get_contents_as_numpy(handle, np.int32, [2, 4], offset=64) == a + a).all())
        client.unregister_system_shared_memory("in")
        status = client.get_system_shared_memory_status()
        check("no region is left", not (status if isinstance(status, list) else status.regions))
    finally:
        shm.destroy_shared_memory_region(handle)


def ensemble(module, client):
    a = np.arange(8, dtype=np.int32).reshape(2, 4)
    inputs = [module.InferInput(name, [2, 4], "INT32") for name in ("LEFT", "RIGHT")]
    for tensor in inputs:
        tensor.set_data_from_numpy(a)
    result = client.infer("twice", inputs)
    check("an ensemble", (result.as_numpy("OUT") == 2 * a).all())


def sequence(module, client, first, second):
    def send(sequence, value, **place):
        tensor = module.InferInput("INPUT", [1, 1], "INT32")
        tensor.set_data_from_numpy(np.array([[value]], dtype=np.int32))
        return client.infer("sums", [tensor], sequence_id=sequence, **place).as_numpy("OUTPUT")[0][0]

    sums = [
        send(first, 1, sequence_start=True), send(second, 10, sequence_start=True),
        send(first, 2), send(second, 20, sequence_end=True), send(first, 3, sequence_end=True)]
    check("two sequences", sums == [1, 10, 3, 30, 6])
    try:
        send(first, 1)
    except InferenceServerException as refused:
        check("a sequence must start", "must specify the START flag on the first request" in refused.message())
    else:
        raise AssertionError("a sequence went on after its end")


def sequence_stream(client):
    answers = queue.Queue()
    client.start_stream(callback=lambda result, error: answers.put((result, error)))
    for value, start, end in ((1, True, False), (2, False, False), (3, False, True)):
        tensor = grpcclient.InferInput("INPUT", [1, 1], "INT32")
        tensor.set_data_from_numpy(np.array([[value]], dtype=np.int32))
        client.async_stream_infer("sums", [tensor], sequence_id="s", sequence_start=start, sequence_end=end)
    sums = [answers.get(timeout=30)[0].as_numpy("OUTPUT")[0][0] for _ in range(3)]
    check("a streamed sequence", sums == [1, 3, 6])
    client.stop_stream()


def stream(client):
    answers = queue.Queue()
    client.start_stream(callback=lambda result, error: answers.put((result, error)))
    tensor = grpcclient.InferInput("IN", [3], "INT32")
    tensor.set_data_from_numpy(np.array([4, 5, 6], dtype=np.int32))
    client.async_stream_infer("repeat", [tensor], request_id="s", enable_empty_final_response=True)
    for expected in (4, 5, 6):
        result, error = answers.get(timeout=30)
        check("streamed", error is None and result.as_numpy("OUT")[0] == expected)
    result, error = answers.get(timeout=30)
    check("final", result.get_response().parameters["triton_final_response"].bool_param)
    client.async_stream_infer("nope", [tensor])
    result, error = answers.get(timeout=30)
    check("an error is told", result is None and "unknown model" in error.message())
    client.stop_stream()


async def asynchronous(http_address, grpc_address):
    async with httpaio.InferenceServerClient(http_address) as client:
        a = httpaio.InferInput("image", [1, 64], "FP32")
        a.set_data_from_numpy(np.ones((1, 64), dtype=np.float32))
        results = await asyncio.gather(*[client.infer("mlp", [a]) for _ in range(20)])
        check("asyncio", all(r.as_numpy("probabilities").shape == (1, 10) for r in results))
    async with grpcaio.InferenceServerClient(grpc_address) as client:
        a = grpcaio.InferInput("image", [1, 64], "FP32")
        a.set_data_from_numpy(np.ones((1, 64), dtype=np.float32))
        results = await asyncio.gather(*[client.infer("mlp", [a]) for _ in range(20)])
        check("asyncio", all(r.as_numpy("probabilities").shape == (1, 10) for r in results))


def repository(client):
    client.load_model("later")
    check("loaded", client.is_model_ready("later"))
    client.unload_model("later")
    check("unloaded", not client.is_model_ready("later"))


def main(http_address, grpc_address):
    http = httpclient.InferenceServerClient(http_address)
    check("live", http.is_server_live() and http.is_server_ready())
    check("metadata", http.get_model_metadata("mlp")["inputs"][0]["shape"] == [-1, 64])
    check("config", http.get_model_config("mlp")["max_batch_size"] == 4)
    check("index", "later" in [model["name"] for model in http.get_model_repository_index()])
    add_sub(httpclient, http)
    add_sub(httpclient, http, binary_data=False)
    a = httpclient.InferInput("image", [1, 64], "FP32")
    a.set_data_from_numpy(np.ones((1, 64), dtype=np.float32))
    packed = http.infer("mlp", [a], request_compression_algorithm="gzip", response_compression_algorithm="deflate")
    check("compressed", abs(packed.as_numpy("probabilities").sum() - 1) < 1e-5)
    pending = [http.async_infer("mlp", [a]) for _ in range(10)]
    check("async", all(p.get_result().as_numpy("probabilities").shape == (1, 10) for p in pending))
    all_types(httpclient, http)
    errors(httpclient, http)
    classes(httpclient, http)
    ensemble(httpclient, http)
    sequence(httpclient, http, 5, 6)
    sequence(httpclient, http, "five", "six")
    repository(http)
    shared_memory(httpclient, http)
    check("statistics", http.get_inference_statistics("mlp")["model_stats"][0]["inference_count"] > 0)

    grpc = grpcclient.InferenceServerClient(grpc_address)
    check("live", grpc.is_server_live() and grpc.is_server_ready())
    check("metadata", grpc.get_model_metadata("mlp").inputs[0].shape == [-1, 64])
    check("config", grpc.get_model_config("mlp").config.max_batch_size == 4)
    check("index", "later" in [model.name for model in grpc.get_model_repository_index().models])
    add_sub(grpcclient, grpc)
    all_types(grpcclient, grpc)
    errors(grpcclient, grpc)
    classes(grpcclient, grpc)
    ensemble(grpcclient, grpc)
    sequence(grpcclient, grpc, 5, 6)
    sequence(grpcclient, grpc, "five", "six")
    sequence_stream(grpc)
    repository(grpc)
    shared_memory(grpcclient, grpc)
    stream(grpc)
    asyncio.run(asynchronous(http_address, grpc_address))
    check("statistics", grpc.get_inference_statistics("mlp").model_stats[0].inference_count > 0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
