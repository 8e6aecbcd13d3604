package io.shusuan.scheduler.cluster.kubernetes;

import java.util.Locale;

/** How far pods are trusted: the pod security standards of Kubernetes that a queue may run under. */
public enum PodSecurity {
    /** Never root, no capabilities, nothing that could gain them. */
    RESTRICTED,
    /** The image says who it runs as, root included. */
    BASELINE;

    /** As the labels of a namespace write it. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
