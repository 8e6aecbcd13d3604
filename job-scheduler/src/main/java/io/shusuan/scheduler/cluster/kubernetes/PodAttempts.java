package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.Attempt.Endpoint;
import io.shusuan.scheduler.cluster.Attempt.Phase;
import io.shusuan.scheduler.cluster.NotReady;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The attempts that a pod is. A pod whose container is restarted is several: the kubelet tells of the present run and of
 * the one before it. The first run has the pod's uid; the n-th restart has {@code <uid>.<n>}.
 */
final class PodAttempts {

    private final Pod pod;
    private final boolean gone;
    private final int index;
    private final int firstNumber;
    private final Optional<ContainerStatus> container;

    /**
     * @param gone the pod has been deleted, and this is how it was seen last
     * @param firstNumber the number of the attempt that the pod's first run is
     */
    PodAttempts(Pod pod, boolean gone, int index, int firstNumber) {
        this.pod = pod;
        this.gone = gone;
        this.index = index;
        this.firstNumber = firstNumber;
        this.container = pod.getStatus() == null
                ? Optional.empty()
                : pod.getStatus().getContainerStatuses().stream()
                        .filter(each -> PodTemplates.CONTAINER.equals(each.getName()))
                        .findFirst();
    }

    /** How many times the container has been started anew. */
    static int restarts(ContainerStatus container) {
        return container.getRestartCount() == null ? 0 : container.getRestartCount();
    }

    static String uid(Pod pod, int run) {
        String uid = pod.getMetadata().getUid();
        return run == 0 ? uid : uid + "." + run;
    }

    List<Attempt> list() {
        var attempts = new ArrayList<Attempt>();
        if (container.isEmpty()) {
            attempts.add(isOver() ? over(0) : pending(0, null));
            return attempts;
        }
        ContainerStatus status = container.get();
        int run = restarts(status);
        var state = status.getState();
        var before =
                status.getLastState() == null ? null : status.getLastState().getTerminated();
        if (state != null && state.getTerminated() != null) {
            if (isLastRun(before)) {
                addEnded(attempts, run, before);
                return attempts;
            }
            addEnded(attempts, run - 1, before);
            if (isHeld()) {
                attempts.add(running(run, time(state.getTerminated().getStartedAt())));
            } else {
                addEnded(attempts, run, state.getTerminated());
            }
        } else if (state != null && state.getRunning() != null) {
            addEnded(attempts, run - 1, before);
            attempts.add(
                    isOver() ? over(run) : running(run, time(state.getRunning().getStartedAt())));
        } else {
            addEnded(attempts, run, before);
            int next = before == null ? run : run + 1;
            if (!isOver()) {
                attempts.add(pending(next, state == null ? null : state.getWaiting()));
            } else if (before == null) {
                attempts.add(over(run));
            }
        }
        return attempts;
    }

    /**
     * Of a pod that was deleted while it waited for a restart, the kubelet tells that run as ended which never began: as
     * it told the run before, or with an exit code of its own making. No container belongs to it but the last one.
     */
    private boolean isLastRun(@Nullable ContainerStateTerminated before) {
        return before != null
                && before.getContainerID() != null
                && before.getContainerID().equals(container.orElseThrow().getContainerID());
    }

    private void addEnded(List<Attempt> attempts, int run, @Nullable ContainerStateTerminated end) {
        if (end == null || run < 0) {
            return;
        }
        int exitCode = Objects.requireNonNullElse(end.getExitCode(), -1);
        String podReason = isOver() ? pod.getStatus().getReason() : null; // Evicted says more than Error does
        String reason = exitCode != 0 && podReason != null ? podReason : end.getReason();
        attempts.add(new Attempt(
                uid(pod, run),
                role(),
                index,
                Labels.run(pod),
                firstNumber + run,
                exitCode == 0 ? Phase.SUCCEEDED : Phase.FAILED,
                false,
                pod.getSpec().getNodeName(),
                List.of(),
                exitCode,
                reason,
                exitCode == 0 ? end.getMessage() : whyEnded(reason, exitCode, end.getMessage()),
                time(end.getStartedAt()),
                time(end.getFinishedAt())));
    }

    private String whyEnded(@Nullable String reason, int exitCode, @Nullable String said) {
        if ("OOMKilled".equals(reason)) {
            return "It needed more memory than the %s it may use: raise memoryMB.".formatted(memoryLimit());
        }
        if (isOver() && pod.getStatus().getMessage() != null) {
            return pod.getStatus().getMessage();
        }
        if (said != null && !said.isBlank()) {
            return said;
        }
        return exitCode > 128
                ? "It ended with exit code %d, by signal %d.".formatted(exitCode, exitCode - 128)
                : "It ended with exit code %d.".formatted(exitCode);
    }

    private String memoryLimit() {
        return pod.getSpec().getContainers().stream()
                .filter(each ->
                        each.getResources() != null && each.getResources().getLimits() != null)
                .map(each -> String.valueOf(each.getResources().getLimits().get("memory")))
                .findFirst()
                .orElse("memory");
    }

    private Attempt running(int run, @Nullable Instant since) {
        boolean ready = isTraining() || (isTrue("Ready") && pod.getMetadata().getDeletionTimestamp() == null);
        List<Endpoint> endpoints = endpoints();
        String message = ready || endpoints.isEmpty() ? null : notReady(endpoints.getFirst());
        return new Attempt(
                uid(pod, run),
                role(),
                index,
                Labels.run(pod),
                firstNumber + run,
                Phase.RUNNING,
                ready,
                pod.getSpec().getNodeName(),
                endpoints,
                null,
                null,
                message,
                since,
                null);
    }

    private String notReady(Endpoint first) {
        String asked = Labels.annotation(pod, Labels.READINESS);
        if (asked == null) {
            return NotReady.port(first.port());
        }
        int path = asked.indexOf('/');
        return NotReady.path(asked.substring(path), Integer.parseInt(asked.substring(0, path)));
    }

    private Attempt pending(int run, @Nullable ContainerStateWaiting waiting) {
        String reason = waiting == null ? null : waiting.getReason();
        String message = waiting == null ? null : waiting.getMessage();
        var unscheduled = condition("PodScheduled").filter(each -> "False".equals(each.getStatus()));
        if (reason == null && unscheduled.isPresent()) {
            reason = unscheduled.get().getReason();
            message = unscheduled.get().getMessage();
        }
        return new Attempt(
                uid(pod, run),
                role(),
                index,
                Labels.run(pod),
                firstNumber + run,
                Phase.PENDING,
                false,
                pod.getSpec().getNodeName(),
                List.of(),
                null,
                reason,
                message,
                null,
                null);
    }

    /** A run that ended without the kubelet telling how: the pod was evicted before it began, or deleted. */
    private Attempt over(int run) {
        String reason = pod.getStatus() == null ? null : pod.getStatus().getReason();
        String message = pod.getStatus() == null ? null : pod.getStatus().getMessage();
        boolean succeeded =
                pod.getStatus() != null && "Succeeded".equals(pod.getStatus().getPhase());
        return new Attempt(
                uid(pod, run),
                role(),
                index,
                Labels.run(pod),
                firstNumber + run,
                succeeded ? Phase.SUCCEEDED : Phase.FAILED,
                false,
                pod.getSpec().getNodeName(),
                List.of(),
                null,
                reason == null && gone ? "PodDeleted" : reason,
                message == null && gone ? "Its pod was deleted before it had ended." : message,
                null,
                time(pod.getMetadata().getDeletionTimestamp()));
    }

    private boolean isOver() {
        String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
        return gone || "Failed".equals(phase) || "Succeeded".equals(phase);
    }

    /**
     * Its process has ended, and its node has not yet let go of what it had: it counts against the node, and a Job
     * suspended now would delete it, and its log with it.
     */
    private boolean isHeld() {
        return isTraining() && !isOver();
    }

    private boolean isTraining() {
        return "Never".equals(pod.getSpec().getRestartPolicy());
    }

    private String role() {
        return role(pod);
    }

    static String role(Pod pod) {
        String exact = Labels.annotation(pod, Labels.ROLE);
        return exact == null ? Objects.requireNonNullElse(Labels.label(pod, Labels.ROLE), "") : exact;
    }

    private List<Endpoint> endpoints() {
        String address = pod.getStatus() == null ? null : pod.getStatus().getPodIP();
        String ports = Labels.annotation(pod, Labels.PORTS);
        if (address == null || address.isEmpty() || ports == null || ports.isEmpty()) {
            return List.of();
        }
        var endpoints = new ArrayList<Endpoint>();
        for (String each : ports.split(",", -1)) {
            int equals = each.lastIndexOf('=');
            endpoints.add(
                    new Endpoint(each.substring(0, equals), address, Integer.parseInt(each.substring(equals + 1))));
        }
        return endpoints;
    }

    private boolean isTrue(String type) {
        return condition(type).map(each -> "True".equals(each.getStatus())).orElse(false);
    }

    private Optional<PodCondition> condition(String type) {
        return pod.getStatus() == null
                ? Optional.empty()
                : pod.getStatus().getConditions().stream()
                        .filter(each -> type.equals(each.getType()))
                        .findFirst();
    }

    static @Nullable Instant time(@Nullable String text) {
        return text == null ? null : Instant.parse(text);
    }
}
