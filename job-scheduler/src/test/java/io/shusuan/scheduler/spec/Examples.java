package io.shusuan.scheduler.spec;

import java.util.List;

/** Valid texts that several tests begin with. */
final class Examples {

    static final String SEED = """
            jobName: pytorch-inference
            taskRoles:
            - name: inference
              taskNumber: 1
              cpuNumber: 4
              memoryMB: 8192
              gpuNumber: 1
              command: python inference.py
              dockerImage: your-registry/pytorch-inference:v1
              ports:
              - 5000
            """;

    static final String SEED_AS_JSON = """
            {
            \t"jobName": "pytorch-inference",
            \t"taskRoles": [
            \t\t{
            \t\t\t"name": "inference", "taskNumber": 1, "cpuNumber": 4,
            \t\t\t"memoryMB": 8192, "gpuNumber": 1,
            \t\t\t"command": "python inference.py",
            \t\t\t"dockerImage": "your-registry\\/pytorch-inference:v1",
            \t\t\t"ports":[5000]
            \t\t}
            \t]
            }
            """;

    /** Every key of the dialect. */
    static final String FULL = """
            jobName: digits-serve
            kind: inference
            description: |
              Serves the digits model.
              手写数字
            queue: vision
            priority: -10
            timeLimit: 8h
            topology: {level: rack, required: true}
            env:
              MODEL: digits
              THREADS: 4
              VERBOSE: true
            imagePullSecrets: [registry.example.com, backup]
            mounts:
            - name: models
              path: /models/
              artifacts: digits-train
            - {name: data, path: /data, readOnly: true, pvc: shared-data}
            - name: scratch
              path: /scratch
              nfs: {server: 10.0.0.7, path: /export/scratch}
            ingress:
              host: "*.models.example.com"
              path: /digits
              class: nginx
              annotations:
                nginx.ingress.kubernetes.io/proxy-body-size: 64m
                team: vision
            service:
              type: NodePort
            taskRoles:
            - name: server
              taskNumber: 2
              cpuNumber: 0.5
              memoryMB: 512
              gpuNumber: 2
              gpuType: NVIDIA-H100-80GB-HBM3
              gpuMemory: 80
              nodeSelector: {zone: a, example.com/tier: 1}
              tolerations: [dedicated, example.com/maintenance]
              command: |
                set -e
                exec shusuan-agent --model-repository "$SHUSUAN_MOUNT_MODELS"
              dockerImage: registry.example.com:5000/shusuan/runtime-agent:latest@sha256:\
            0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
              ports:
              - 8000
              - {name: grpc, port: 8001}
              - name: metrics
                port: 8002
              readiness: {path: /v2/health/ready, port: 8000}
              env:
                OMP_NUM_THREADS: "1"
            - name: sidecar
              command: 'true'
            """;

    static final List<String> ALL = List.of(SEED, SEED_AS_JSON, FULL);

    private Examples() {}
}
