package io.shusuan.api.job;

/** Examples for the API's documentation. */
final class JobExamples {

    static final String INFERENCE = """
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

    static final String TRAINING = """
            {"jobName": "digits-train", "kind": "training", "queue": "default",
             "taskRoles": [{"name": "worker", "taskNumber": 1, "cpuNumber": 1, "memoryMB": 512,
               "command": "digits-train --seed 1", "dockerImage": "shusuan/digits-train:latest"}]}""";

    static final String EVENTS = """
            event:line
            id:worker-0-1@36
            data: epoch 1  loss 0.61  accuracy 0.87

            event:end
            data:worker-0-1
            """;

    private JobExamples() {}
}
