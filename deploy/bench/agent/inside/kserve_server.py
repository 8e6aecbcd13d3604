"""KServe with the benchmark's models: FOLDER HTTP-PORT GRPC-PORT."""
import sys

import kserve
from kserve import InferOutput, InferResponse

import engine


class OnnxModel(kserve.Model):
    def __init__(self, folder, name):
        super().__init__(name)
        self.model = engine.Model(folder, name)
        self.ready = True

    async def predict(self, payload, headers=None, response_headers=None):
        outputs = await self.model.run_aside(payload.inputs[0].as_numpy())
        answer = InferOutput("OUTPUT0", list(outputs.shape), "FP32")
        answer.set_data_from_numpy(outputs, binary_data=True)
        return InferResponse(payload.id or "", self.name, [answer])


folder, http_port, grpc_port = sys.argv[1:]
sys.argv[1:] = []
kserve.ModelServer(http_port=int(http_port), grpc_port=int(grpc_port), workers=1, enable_latency_logging=False).start(
    [OnnxModel(folder, name) for name in engine.NAMES])
