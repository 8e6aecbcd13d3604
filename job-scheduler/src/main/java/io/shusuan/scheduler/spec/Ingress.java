package io.shusuan.scheduler.spec;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How an inference job is reached from outside the cluster. */
public record Ingress(String host, String path, @Nullable String className, Map<String, String> annotations) {

    public Ingress {
        annotations = Map.copyOf(annotations);
    }
}
