"""BentoML with the benchmark's models: FOLDER HTTP-PORT GRPC-PORT. Raw bytes through an ASGI app of its own, the quickest way it has."""
import os
import sys

import bentoml
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

import engine

app = Starlette()


@bentoml.asgi_app(app, path="/")
@bentoml.service(workers=2, traffic={"timeout": 60})
class Models:
    def __init__(self):
        for name in engine.NAMES:
            model = engine.Model(os.environ["MODELS"], name)
            app.router.routes.append(Route(f"/{name}", self.endpoint(model), methods=["POST"]))

    @staticmethod
    def endpoint(model):
        async def infer(request):
            inputs = engine.tensor(await request.body(), request.headers["x-shape"])
            outputs = await model.run_aside(inputs)
            return Response(outputs.tobytes(), media_type="application/octet-stream")

        return infer


if __name__ == "__main__":
    folder, http_port, _ = sys.argv[1:]
    os.environ["MODELS"] = folder
    os.chdir(os.path.dirname(os.path.abspath(__file__)))
    os.execvp("bentoml", ["bentoml", "serve", "bentoml_server:Models", "--host", "127.0.0.1", "--port", http_port])
