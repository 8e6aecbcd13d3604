package io.shusuan.scheduler.spec;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How an inference job is reached from outside the cluster. */
public record Ingress(String host, String path, @Nullable String className, Map<String, String> annotations) {

    public Ingress {
        annotations = Collections.unmodifiableMap(new LinkedHashMap<>(annotations)); // in the order of the text
    }
}
