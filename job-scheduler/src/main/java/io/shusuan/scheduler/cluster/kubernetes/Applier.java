package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.NodeMode;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Server-side apply, as the owner of the fields it names: what others have put there is put back. */
final class Applier {

    static final String FIELD_MANAGER = "shusuan";

    private static final Logger log = LoggerFactory.getLogger(Applier.class);

    private final ApiServer api;

    Applier(ApiServer api) {
        this.api = api;
    }

    /** The object as it is now. */
    <T extends HasMetadata> T apply(T object) throws ClusterUnavailableException, ClusterRefusedException {
        T applied = api.write("apply", describe(object), () -> applied(object));
        requireToStay(applied);
        return applied;
    }

    /** Likewise, of what is most likely not there yet: to make it costs the API server less than to find that out. */
    <T extends HasMetadata> T make(T object) throws ClusterUnavailableException, ClusterRefusedException {
        T made = api.write("make", describe(object), () -> {
            try {
                return api.client().resource(object).create();
            } catch (KubernetesClientException failure) {
                if (failure.getCode() == 409) {
                    return applied(object);
                }
                throw failure;
            }
        });
        requireToStay(made);
        return made;
    }

    private <T extends HasMetadata> T applied(T object) {
        try {
            return api.client()
                    .resource(object)
                    .fieldManager(FIELD_MANAGER)
                    .forceConflicts()
                    .serverSideApply();
        } catch (KubernetesClientException failure) {
            if (Refusals.isImmutable(failure)) {
                log.info("Left {} as it is: {}", describe(object), Refusals.said(failure));
                return object instanceof Job ? resumed(object) : object;
            }
            throw failure;
        }
    }

    /** Makes an object that others may change as they like from then on; one that is there stays as it is. */
    void create(HasMetadata object) throws ClusterUnavailableException, ClusterRefusedException {
        var there = api.write("create", describe(object), () -> {
            try {
                return api.client().resource(object).create();
            } catch (KubernetesClientException failure) {
                var found =
                        failure.getCode() == 409 ? api.client().resource(object).get() : null;
                if (found == null) {
                    throw failure;
                }
                return found;
            }
        });
        requireToStay(there);
    }

    private static void requireToStay(HasMetadata object) throws ClusterUnavailableException {
        if (object.getMetadata().getDeletionTimestamp() != null) {
            throw new ClusterUnavailableException(
                    "The %s is still being deleted from the job's run before.".formatted(describe(object)),
                    new IllegalStateException("being deleted"));
        }
    }

    /** What the pods of a Job are hardly ever may change; whether they run always may. */
    private <T extends HasMetadata> T resumed(T job) {
        return api.client()
                .resource(job)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"suspend\":false}}");
    }

    /** As {@code kubectl cordon} does; that a node is to be emptied is ours to say. */
    void setMode(String node, NodeMode mode) throws ClusterUnavailableException, ClusterRefusedException {
        var patch = "{\"metadata\":{\"annotations\":{\"%s\":%s}},\"spec\":{\"unschedulable\":%s}}"
                .formatted(
                        Labels.DRAIN,
                        mode == NodeMode.DRAINING ? "\"true\"" : "null",
                        mode == NodeMode.OPEN ? "null" : "true");
        api.write(
                "cordon",
                "node " + node,
                () -> api.client().nodes().withName(node).patch(PatchContext.of(PatchType.JSON_MERGE), patch));
    }

    /** Asks whether such a pod would be let in, without making it. */
    void rehearse(Pod pod, String role) throws ClusterUnavailableException, ClusterRefusedException {
        api.write("rehearse", "pod of task role " + role, () -> {
            try {
                return api.client().resource(pod).dryRun().create();
            } catch (KubernetesClientException failure) {
                if (Refusals.cannotRehearse(failure)) {
                    return pod;
                }
                throw failure;
            }
        });
    }

    private static String describe(HasMetadata object) {
        return "%s %s"
                .formatted(
                        object.getKind().toLowerCase(Locale.ROOT),
                        object.getMetadata().getName());
    }
}
