package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** What the status of an object says that is known by its text alone. */
final class Conditions {

    private Conditions() {}

    /** One of the conditions that controllers write. */
    record Condition(String type, boolean holds, String reason, String message) {}

    static Optional<Condition> of(GenericKubernetesResource object, String type) {
        return list(object, "status", "conditions")
                .filter(each -> type.equals(each.get("type")))
                .map(each -> new Condition(
                        type, "True".equals(each.get("status")), text(each, "reason"), text(each, "message")))
                .reduce((_, last) -> last);
    }

    static boolean hold(GenericKubernetesResource object, String type) {
        return of(object, type).map(Condition::holds).orElse(false);
    }

    static Stream<Map<?, ?>> list(GenericKubernetesResource object, Object... path) {
        return object.get(path) instanceof List<?> list
                ? list.stream().filter(Map.class::isInstance).map(each -> (Map<?, ?>) each)
                : Stream.empty();
    }

    static String text(Map<?, ?> object, String field) {
        return Objects.toString(object.get(field), "").strip();
    }
}
