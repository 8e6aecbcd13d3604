"""LitServe with the benchmark's models: FOLDER HTTP-PORT GRPC-PORT. It has no gRPC, and takes JSON alone."""
import base64
import sys

import litserve
import numpy as np

import engine


class OnnxApi(litserve.LitAPI):
    def __init__(self, folder, name, **options):
        super().__init__(api_path=f"/{name}", **options)
        self.folder, self.name = folder, name

    def setup(self, device):
        self.model = engine.Model(self.folder, self.name)

    def decode_request(self, request):
        return np.frombuffer(base64.b64decode(request["data"]), np.float32).reshape(request["shape"])

    def predict(self, inputs):
        return self.model.run(inputs)

    def encode_response(self, output):
        return {"data": base64.b64encode(output).decode(), "shape": output.shape}


class BatchingApi(OnnxApi):
    def __init__(self, folder, name):
        super().__init__(folder, name, max_batch_size=32, batch_timeout=0.001)

    def batch(self, inputs):
        return np.concatenate(inputs)

    def unbatch(self, output):
        return list(output[:, np.newaxis])


if __name__ == "__main__":
    folder, http_port, _ = sys.argv[1:]
    apis = [OnnxApi(folder, "identity"), OnnxApi(folder, "resnet18"), BatchingApi(folder, "batching_mlp")]
    litserve.LitServer(apis, accelerator="cpu", workers_per_device=2).run(
        host="127.0.0.1", port=int(http_port), generate_client_file=False, log_level="warning")
