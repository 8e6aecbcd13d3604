"""A model of MLServer."""
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceResponse

import engine


class OnnxModel(MLModel):
    async def load(self):
        self.model = engine.Model(self.settings.parameters.uri, self.name)
        return True

    async def predict(self, payload):
        outputs = await self.model.run_aside(NumpyCodec.decode_input(payload.inputs[0]))
        return InferenceResponse(model_name=self.name, outputs=[NumpyCodec.encode_output("OUTPUT0", outputs)])
