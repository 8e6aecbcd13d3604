package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What is taken from the API server when a job ends: each call takes what is there of its kind, and may be repeated. */
final class Teardown {

    /** Each is a call of its own. */
    private static final int MOST_NAMED = 8;

    private static final String SUSPENSION = "{\"spec\":{\"suspend\":true}}";

    private final ApiServer api;
    private final String platform;
    private final AdmittingSchedulers schedulers;

    Teardown(ApiServer api, String platform, AdmittingSchedulers schedulers) {
        this.api = api;
        this.platform = platform;
        this.schedulers = schedulers;
    }

    /**
     * Ends what runs and keeps what has ended: with the Jobs stay their finished pods, and with those the logs. What another
     * scheduler admits would be resumed by that, so it is deleted.
     */
    void endJobs(JobId job, String namespace) throws ClusterUnavailableException {
        var jobs = api.client().batch().v1().jobs().inNamespace(namespace);
        api.read("stop", () -> {
            for (Job each : jobs.withLabels(of(job)).list().getItems()) {
                if (Labels.isDelegated(each)) {
                    if (!schedulers.isOver(each)) {
                        jobs.withName(each.getMetadata().getName())
                                .withPropagationPolicy(DeletionPropagation.FOREGROUND)
                                .delete();
                    }
                } else if (!Boolean.TRUE.equals(each.getSpec().getSuspend())) {
                    jobs.withName(each.getMetadata().getName())
                            .patch(PatchContext.of(PatchType.JSON_MERGE), SUSPENSION);
                }
            }
            return jobs;
        });
    }

    /**
     * Pods that go already have a grace of their own; this can only shorten it. Few are named, so that the API server need not look for
     * them among all there are: a job that was told to make room is in a hurry.
     */
    void hurryPods(JobId job, List<Pod> pods, Duration grace) throws ClusterUnavailableException {
        if (pods.size() > MOST_NAMED) {
            for (String namespace :
                    pods.stream().map(pod -> pod.getMetadata().getNamespace()).collect(Collectors.toSet())) {
                hurryAllPods(job, namespace, grace);
            }
            return;
        }
        for (Pod pod : pods) {
            api.read(
                    "stop",
                    () -> api.client()
                            .pods()
                            .inNamespace(pod.getMetadata().getNamespace())
                            .withName(pod.getMetadata().getName())
                            .withGracePeriod(grace.toSeconds())
                            .delete());
        }
    }

    private void hurryAllPods(JobId job, String namespace, Duration grace) throws ClusterUnavailableException {
        api.read(
                "stop",
                () -> api.client()
                        .pods()
                        .inNamespace(namespace)
                        .withLabels(of(job))
                        .withoutField("status.phase", "Succeeded")
                        .withoutField("status.phase", "Failed")
                        .withGracePeriod(grace.toSeconds())
                        .delete());
    }

    void deleteDeployments(JobId job, String namespace) throws ClusterUnavailableException {
        delete("stop", api.client().apps().deployments(), job, namespace, DeletionPropagation.FOREGROUND);
    }

    void deleteJobs(JobId job, String namespace) throws ClusterUnavailableException {
        delete("remove", api.client().batch().v1().jobs(), job, namespace, DeletionPropagation.FOREGROUND);
    }

    void deleteJob(Job job) throws ClusterUnavailableException {
        api.read(
                "remove",
                () -> api.client()
                        .resource(job)
                        .withPropagationPolicy(DeletionPropagation.BACKGROUND)
                        .delete());
    }

    /** Takes away how a job is reached and what its tasks were told in secret. */
    void deleteAccess(JobId job, ConfigMap anchor) throws ClusterUnavailableException {
        String namespace = anchor.getMetadata().getNamespace();
        delete("release", api.client().network().v1().ingresses(), job, namespace, DeletionPropagation.BACKGROUND);
        delete("release", api.client().services(), job, namespace, DeletionPropagation.BACKGROUND);
        // By its name: who deletes by labels is told what the secrets were.
        api.read(
                "release",
                () -> api.client()
                        .secrets()
                        .inNamespace(namespace)
                        .withName(anchor.getMetadata().getName())
                        .delete());
    }

    /** With an anchor goes all that it owns. */
    void deleteAnchors(JobId job, String namespace) throws ClusterUnavailableException {
        delete("remove", api.client().configMaps(), job, namespace, DeletionPropagation.BACKGROUND);
    }

    void deleteAnchor(ConfigMap anchor) throws ClusterUnavailableException {
        api.read(
                "remove",
                () -> api.client()
                        .resource(anchor)
                        .withPropagationPolicy(DeletionPropagation.BACKGROUND)
                        .delete());
    }

    private void delete(
            String operation,
            MixedOperation<?, ?, ?> kind,
            JobId job,
            String namespace,
            DeletionPropagation propagation)
            throws ClusterUnavailableException {
        api.read(
                operation,
                () -> kind.inNamespace(namespace)
                        .withLabels(of(job))
                        .withPropagationPolicy(propagation)
                        .delete());
    }

    private Map<String, String> of(JobId job) {
        return Map.of(Labels.PLATFORM, platform, Labels.JOB_ID, job.toString());
    }
}
