"""The model of Triton's Python backend: answers with its input, or runs the ONNX file beside this one. A batch runs as one."""
import os

import numpy as np
import triton_python_backend_utils as pb


class TritonPythonModel:
    def initialize(self, args):
        file = os.path.join(args["model_repository"], args["model_version"], "model.onnx")
        self.session = None
        if os.path.exists(file):
            import onnxruntime

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            options.inter_op_num_threads = 1
            self.session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])

    def execute(self, requests):
        inputs = [pb.get_input_tensor_by_name(request, "INPUT0").as_numpy() for request in requests]
        return [pb.InferenceResponse([pb.Tensor("OUTPUT0", output)]) for output in self.outputs(inputs)]

    def outputs(self, inputs):
        if self.session is None:
            return inputs
        together = inputs[0] if len(inputs) == 1 else np.concatenate(inputs)
        answer = self.session.run(None, {"INPUT0": together})[0]
        return np.split(answer, np.cumsum([len(each) for each in inputs])[:-1]) if len(inputs) > 1 else [answer]
