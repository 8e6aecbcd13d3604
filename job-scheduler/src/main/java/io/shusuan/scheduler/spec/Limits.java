package io.shusuan.scheduler.spec;

import java.time.Duration;

/** How much one job may ask for or say. The reference of the dialect states the same numbers. */
final class Limits {

    static final int TASKS = 10_000;
    static final int TASK_ROLES = 64;
    static final int PORTS_PER_ROLE = 32;
    static final int MOUNTS = 32;
    static final int IMAGE_PULL_SECRETS = 16;
    static final int VARIABLES = 256;
    static final int ANNOTATIONS = 64;
    static final int NODE_LABELS = 16;
    static final int TOLERATIONS = 16;
    static final int KEPT_LAYERS = 64;

    static final int CORES = 4096;
    static final long MEMORY_MIB = 67_108_864; // 64 TiB
    static final int GPUS = 64;
    static final int GPU_MEMORY_GB = 4096;
    static final Duration TIME_LIMIT = Duration.ofDays(365);
    static final int PORT = 65_535;
    static final int MODEL_VERSION = 1_000_000_000;
    static final int ACCURACY_DROP = 100;
    static final int ERROR = 1_000_000;
    static final int SPEEDUP = 1000;

    static final int COMMAND_BYTES = 64 << 10;
    static final int VALUE_BYTES = 64 << 10; // with its name below the 128 KiB that Linux takes for one string
    static final int DESCRIPTION_BYTES = 4096;

    private Limits() {}
}
