package io.shusuan.scheduler.spec;

import java.util.List;

/** Every key of the dialect, and the names that other dialects give to the same thing, so that those are answered with ours. */
@SuppressWarnings("ImmutableEnumChecker") // what its fields hold never changes
enum Key {
    JOB_NAME("jobName", "name"),
    KIND("kind", "type"),
    DESCRIPTION("description", "comment"),
    QUEUE("queue", "virtualCluster"),
    PRIORITY("priority"),
    PRIORITY_CLASS("priorityClass", "priorityClassName", "jobPriorityClass"),
    TIME_LIMIT("timeLimit", "walltime", "activeDeadlineSeconds", "timeout"),
    TOPOLOGY("topology"),
    RESTART_TO_GROW("restartToGrow", "elastic", "grow"),
    ENV("env", "environment", "variables"),
    IMAGE_PULL_SECRETS("imagePullSecrets"),
    MOUNTS("mounts", "volumes", "volumeMounts"),
    INGRESS("ingress"),
    SERVICE("service"),
    CONVERSION("conversion", "convert", "quantise", "quantize"),
    TASK_ROLES("taskRoles", "roles", "tasks"),

    NAME("name"),
    TASK_NUMBER("taskNumber", "replicas", "instances", "count"),
    MIN_TASK_NUMBER("minTaskNumber", "minAvailable", "minMember", "minReplicas", "minInstances"),
    CPU_NUMBER("cpuNumber", "cpu", "cpus", "cores"),
    MEMORY_MB("memoryMB", "memory", "mem", "ram"),
    GPU_NUMBER("gpuNumber", "gpu", "gpus"),
    GPU_TYPE("gpuType", "gpuModel", "acceleratorType"),
    GPU_MEMORY("gpuMemory", "gpuMem", "gpuMemoryGB"),
    MIG("mig", "migProfile", "migDevice", "gpuSlice"),
    NODE_SELECTOR("nodeSelector", "nodeLabels"),
    TOLERATIONS("tolerations", "tolerates"),
    COMMAND("command", "commands", "cmd", "args", "entrypoint"),
    DOCKER_IMAGE("dockerImage", "image", "container"),
    PORTS("ports"),
    PORT("port", "number", "containerPort"),
    READINESS("readiness", "readinessProbe", "healthCheck", "healthcheck", "probe"),

    PATH("path", "mountPath"),
    READ_ONLY("readOnly"),
    PVC("pvc", "claim", "claimName"),
    NFS("nfs"),
    ARTIFACTS("artifacts", "artifact"),
    SERVER("server", "host"),

    HOST("host", "hostname"),
    CLASS("class", "className", "ingressClassName"),
    ANNOTATIONS("annotations"),
    TYPE("type"),

    MOUNT("mount", "volume"),
    MODEL("model"),
    VERSION("version"),
    OUTPUT_VERSION("outputVersion"),
    TO("to", "precision"),
    TARGET("target"),
    CALIBRATION("calibration"),
    PER_TENSOR("perTensor"),
    WITHOUT_VNNI("withoutVnni"),
    KEEP("keep"),
    MAX_ACCURACY_DROP("maxAccuracyDrop"),
    MAX_ERROR("maxError"),
    MIN_SPEEDUP("minSpeedup"),

    LEVEL("level", "within"),
    REQUIRED("required"),
    PACKING("packing", "placement", "distribution");

    private final String text;
    private final List<String> elsewhere;

    Key(String text, String... elsewhere) {
        this.text = text;
        this.elsewhere = List.of(elsewhere);
    }

    /** As the text spells it. */
    String text() {
        return text;
    }

    boolean isCalled(String other) {
        return elsewhere.stream().anyMatch(name -> name.equalsIgnoreCase(other));
    }
}
