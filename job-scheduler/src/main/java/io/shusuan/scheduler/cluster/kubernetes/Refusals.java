package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the API server, or a controller that it refused a pod, says no to; in our words, with what to change. */
final class Refusals {

    private static final Pattern POD_SECURITY =
            Pattern.compile("violates PodSecurity \"(?<profile>[a-z]+):[^\"]*\": (?<faults>.*)", Pattern.DOTALL);
    private static final Pattern QUOTA = Pattern.compile(
            "exceeded quota: (?<quota>[^,]+), requested: (?<asked>.+), used: (?<used>.+), limited: (?<limited>.+)");
    private static final Pattern QUOTA_WANTS =
            Pattern.compile("failed quota: (?<quota>[^:]+): must specify (?<what>.+)");
    private static final Pattern WEBHOOK =
            Pattern.compile("admission webhook \"(?<name>[^\"]+)\" denied the request:? ?(?<why>.*)", Pattern.DOTALL);
    private static final Pattern POLICY =
            Pattern.compile("ValidatingAdmissionPolicy '(?<name>[^']+)'.* denied request: (?<why>.*)", Pattern.DOTALL);
    private static final Pattern LIMIT_RANGE = Pattern.compile(
            "(?:maximum|minimum) (?:cpu|memory|[a-z./-]+) (?:usage|limit).* per \\w+ is .*", Pattern.DOTALL);

    private Refusals() {}

    /** A reason code and a sentence for people. */
    record Refusal(String reason, String message) {}

    /** The refusal behind a failed call, or nothing if the same call may yet succeed. */
    static Optional<ClusterRefusedException> of(String object, KubernetesClientException failure) {
        String said = said(failure);
        Optional<Refusal> known = explain(said);
        if (known.isPresent()) {
            return known.map(refusal -> new ClusterRefusedException(refusal.reason(), refusal.message()));
        }
        return switch (failure.getCode()) {
            case 422 -> Optional.of(new ClusterRefusedException("INVALID", invalid(object, failure.getStatus(), said)));
            case 400, 413, 415 ->
                Optional.of(new ClusterRefusedException(
                        "INVALID", "Kubernetes cannot read the %s: %s".formatted(object, said)));
            case 403 ->
                isAboutUs(said)
                        ? Optional.empty()
                        : Optional.of(new ClusterRefusedException(
                                "FORBIDDEN", "Kubernetes forbids the %s: %s".formatted(object, said)));
            default -> Optional.empty();
        };
    }

    /** What is known about a sentence of Kubernetes that refuses a pod. */
    static Optional<Refusal> explain(String said) {
        Matcher security = POD_SECURITY.matcher(said);
        if (security.find()) {
            return Optional.of(new Refusal(
                    "POD_SECURITY",
                    "The namespace allows only pods of the '%s' security profile, and this one breaks it: %s. Put the job in a queue of that profile or have the administrator change the namespace's label pod-security.kubernetes.io/enforce."
                            .formatted(security.group("profile"), security.group("faults"))));
        }
        Matcher quota = QUOTA.matcher(said);
        if (quota.find()) {
            return Optional.of(new Refusal(
                    "QUOTA_EXCEEDED",
                    "The namespace's quota '%s' has no room: asked %s, used %s, allowed %s. Ask for less, wait for other jobs to end, or have the administrator raise the ResourceQuota."
                            .formatted(
                                    quota.group("quota"),
                                    quota.group("asked"),
                                    quota.group("used"),
                                    quota.group("limited"))));
        }
        Matcher wants = QUOTA_WANTS.matcher(said);
        if (wants.find()) {
            return Optional.of(new Refusal(
                    "QUOTA_EXCEEDED",
                    "The namespace's quota '%s' wants every task to say how much it needs of %s."
                            .formatted(wants.group("quota"), wants.group("what"))));
        }
        Matcher webhook = WEBHOOK.matcher(said);
        if (webhook.find()) {
            return Optional.of(new Refusal(
                    "DENIED_BY_POLICY",
                    "The cluster's own rule '%s' refuses it: %s"
                            .formatted(
                                    webhook.group("name"), webhook.group("why").strip())));
        }
        Matcher policy = POLICY.matcher(said);
        if (policy.find()) {
            return Optional.of(new Refusal(
                    "DENIED_BY_POLICY",
                    "The cluster's own rule '%s' refuses it: %s"
                            .formatted(policy.group("name"), policy.group("why").strip())));
        }
        Matcher range = LIMIT_RANGE.matcher(said);
        if (range.find()) {
            return Optional.of(new Refusal(
                    "OUTSIDE_LIMITS",
                    "The namespace's LimitRange does not allow that size of task: %s. Change cpuNumber or memoryMB accordingly."
                            .formatted(range.group().strip().replaceAll("]$", ""))));
        }
        return Optional.empty();
    }

    /** The platform's own rights are missing: no fault of the job, and mended by the administrator. */
    static boolean isAboutUs(String said) {
        return said.contains(" cannot ") && said.contains("is forbidden: User \"");
    }

    /** A Job's template cannot change: one made by an earlier version of the platform stays as it is. */
    static boolean isImmutable(KubernetesClientException failure) {
        return failure.getCode() == 422 && said(failure).contains("field is immutable");
    }

    static boolean isNamespaceMissing(KubernetesClientException failure) {
        return failure.getCode() == 404 && said(failure).startsWith("namespaces ");
    }

    /** Some webhooks cannot be asked for an opinion alone. */
    static boolean cannotRehearse(KubernetesClientException failure) {
        return said(failure).contains("does not support dry run");
    }

    /** The API server's own sentence. */
    static String said(KubernetesClientException failure) {
        Status status = failure.getStatus();
        if (status != null && status.getMessage() != null) {
            return status.getMessage();
        }
        return String.valueOf(failure.getMessage());
    }

    private static String invalid(String object, @Nullable Status status, String said) {
        List<StatusCause> causes = status == null || status.getDetails() == null
                ? List.of()
                : status.getDetails().getCauses();
        if (causes.isEmpty()) {
            return "Kubernetes finds a fault in the %s: %s".formatted(object, said);
        }
        return causes.stream()
                .map(cause -> fault(String.valueOf(cause.getField()), String.valueOf(cause.getMessage())))
                .distinct()
                .collect(Collectors.joining(
                        "; ",
                        "Kubernetes finds a fault in the %s: ".formatted(object),
                        ". Change the job's YAML there."));
    }

    private static String fault(String field, String message) {
        String lower = field.toLowerCase(Locale.ROOT);
        String ours = lower.contains("image")
                ? "dockerImage"
                : lower.contains("resources")
                        ? "cpuNumber, memoryMB or gpuNumber"
                        : lower.contains("volume")
                                ? "mounts"
                                : lower.contains("port")
                                        ? "ports"
                                        : lower.contains("env") ? "env" : lower.contains("rules") ? "ingress" : "";
        return ours.isEmpty() ? "%s: %s".formatted(field, message) : "%s (%s): %s".formatted(ours, field, message);
    }
}
