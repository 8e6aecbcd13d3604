package io.shusuan.scheduler.spec;

/** The kind of Kubernetes Service in front of an inference job. */
public enum ServiceType {
    CLUSTER_IP("ClusterIP"),
    NODE_PORT("NodePort"),
    LOAD_BALANCER("LoadBalancer");

    private final String text;

    ServiceType(String text) {
        this.text = text;
    }

    /** As the YAML and Kubernetes write it. */
    public String text() {
        return text;
    }
}
