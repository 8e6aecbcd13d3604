"""Ray Serve with the benchmark's models: FOLDER HTTP-PORT GRPC-PORT. Raw bytes over HTTP; two replicas of each model."""
import sys

import numpy as np
import ray
from ray import serve
from starlette.responses import Response

import engine


class OnnxModel:
    def __init__(self, folder, name):
        self.model = engine.Model(folder, name)

    async def __call__(self, request):
        inputs = engine.tensor(await request.body(), request.headers["x-shape"])
        return Response((await self.run(inputs)).tobytes(), media_type="application/octet-stream")

    async def run(self, inputs):
        return await self.model.run_aside(inputs)


class BatchingModel(OnnxModel):
    @serve.batch(max_batch_size=32, batch_wait_timeout_s=0.001)
    async def run(self, inputs):
        return list((await self.model.run_aside(np.concatenate(inputs)))[:, np.newaxis])


folder, http_port, _ = sys.argv[1:]
ray.init(include_dashboard=False, configure_logging=False)
serve.start(http_options={"host": "127.0.0.1", "port": int(http_port)}, logging_config={"enable_access_log": False})
for name in engine.NAMES:
    deployment = serve.deployment(
        BatchingModel if name == "batching_mlp" else OnnxModel,
        num_replicas=2, max_ongoing_requests=64, ray_actor_options={"num_cpus": 0.1})
    serve.run(deployment.bind(folder, name), name=name, route_prefix=f"/{name}", blocking=name == engine.NAMES[-1])
