# shusuan/gpu-base: the libraries of CUDA and TensorRT that the agent needs, made once and shared by a team. From the root of the repository:
#   ./shusuan gpu libraries /tmp/libraries
#   docker build -f deploy/images/gpu-base.Dockerfile --build-context libraries=/tmp/libraries -t shusuan/gpu-base .
# They are of the versions that the agent is built for. The driver is the node's: NVIDIA's container toolkit brings libcuda.so.1.
ARG BASE=debian:bookworm-slim
FROM ${BASE}
RUN apt-get update && apt-get install --yes --no-install-recommends libstdc++6 && rm -rf /var/lib/apt/lists/*
COPY --from=libraries . /opt/nvidia/lib
ENV LD_LIBRARY_PATH=/opt/nvidia/lib NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
