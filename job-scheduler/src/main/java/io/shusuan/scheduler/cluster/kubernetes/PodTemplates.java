package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSecurityContextBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.Readiness;
import io.shusuan.scheduler.spec.TaskRole;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The pods of a task role.
 *
 * @param spreads how they are dealt to their nodes
 */
record PodTemplates(KubernetesSettings settings, TaskSpreads spreads) {

    static final String CONTAINER = "task";
    static final String GPU = "nvidia.com/gpu";

    /** Tasks get an identity of their own, without rights and without a token. */
    static final String SERVICE_ACCOUNT = "shusuan-task";

    PodTemplateSpec of(Workload workload, TaskRole role, TaskVolumes volumes) throws ClusterRefusedException {
        boolean training = !workload.spec().kind().serves();
        PodSecurity security = settings.podSecurity(workload.spec().queue());
        return new PodTemplateSpecBuilder()
                .withNewMetadata()
                .withLabels(Labels.ofRun(settings.platform(), workload, role.name()))
                .withAnnotations(annotations(role))
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy(training ? "Never" : "Always")
                .withServiceAccountName(SERVICE_ACCOUNT)
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withDnsPolicy(settings.dnsPolicy())
                .withTerminationGracePeriodSeconds(longestGrace(workload))
                .withSecurityContext(podSecurityContext(security))
                .withImagePullSecrets(workload.spec().imagePullSecrets().stream()
                        .map(LocalObjectReference::new)
                        .toList())
                .withNodeSelector(role.nodes().labels())
                .withTolerations(tolerations(role))
                .withAffinity(NodeAffinities.of(workload, role))
                .withTopologySpreadConstraints(spreads.of(workload, role))
                .withVolumes(volumes.volumes())
                .withContainers(container(workload, role, volumes, training))
                .endSpec()
                .build();
    }

    /** What a stop asks for can only be less than what the pod itself says. */
    private static long longestGrace(Workload workload) {
        return Math.max(Cluster.DEFAULT_GRACE.toSeconds(), workload.grace().toSeconds());
    }

    private Container container(Workload workload, TaskRole role, TaskVolumes volumes, boolean training)
            throws ClusterRefusedException {
        if (role.image() == null) {
            throw new ClusterRefusedException(
                    "NO_IMAGE",
                    "Task role '%s' names no dockerImage; Kubernetes runs nothing without one.".formatted(role.name()));
        }
        var builder = new ContainerBuilder()
                .withName(CONTAINER)
                .withImage(role.image())
                .withImagePullPolicy("IfNotPresent")
                .withCommand("/bin/sh", "-c", TaskEnvironment.literally(role.command()))
                .withEnv(TaskEnvironment.of(workload, role))
                .withPorts(containerPorts(role))
                .withNewResources()
                .withRequests(quantities(role.perTask()))
                .withLimits(quantities(role.perTask()))
                .endResources()
                .withSecurityContext(
                        securityContext(settings.podSecurity(workload.spec().queue())))
                .withVolumeMounts(volumes.mounts());
        if (!training && !role.ports().isEmpty()) {
            builder.withReadinessProbe(readinessProbe(role));
        }
        return builder.build();
    }

    private static Probe readinessProbe(TaskRole role) {
        var builder = new ProbeBuilder().withPeriodSeconds(1).withFailureThreshold(Readiness.REFUSALS);
        var readiness = role.readiness();
        if (readiness == null) {
            return builder.withNewTcpSocket()
                    .withNewPort(role.ports().getFirst().number())
                    .endTcpSocket()
                    .withTimeoutSeconds(1)
                    .build();
        }
        return builder.withNewHttpGet()
                .withPath(readiness.path())
                .withNewPort(readiness.port().number())
                .endHttpGet()
                .withTimeoutSeconds(Readiness.TIMEOUT.toSecondsPart())
                .build();
    }

    private static List<ContainerPort> containerPorts(TaskRole role) {
        return role.ports().stream()
                .map(port -> new ContainerPortBuilder()
                        .withContainerPort(port.number())
                        .withProtocol("TCP")
                        .build())
                .toList();
    }

    private static Map<String, String> annotations(TaskRole role) {
        var annotations = new LinkedHashMap<>(Map.of(Labels.ROLE, role.name(), Labels.PORTS, ports(role)));
        var readiness = role.readiness();
        if (readiness != null) {
            annotations.put(Labels.READINESS, readiness.port().number() + readiness.path());
        }
        return annotations;
    }

    private static String ports(TaskRole role) {
        return role.ports().stream()
                .map(port -> port.name() + "=" + port.number())
                .collect(Collectors.joining(","));
    }

    static Map<String, Quantity> quantities(Resources asked) {
        var quantities = new LinkedHashMap<String, Quantity>();
        if (asked.milliCpus() > 0) {
            quantities.put(
                    "cpu",
                    asked.milliCpus() % 1000 == 0
                            ? new Quantity(Long.toString(asked.milliCpus() / 1000))
                            : new Quantity(asked.milliCpus() + "m"));
        }
        if (asked.memoryMiB() > 0) {
            quantities.put("memory", new Quantity(asked.memoryMiB() + "Mi"));
        }
        if (asked.gpus() > 0) {
            quantities.put(GPU, new Quantity(Integer.toString(asked.gpus())));
        }
        return quantities;
    }

    /** GPU nodes are commonly kept free of what needs no GPU by a taint of that name. */
    private static List<Toleration> tolerations(TaskRole role) {
        var tolerations = new ArrayList<Toleration>();
        if (role.perTask().gpus() > 0) {
            tolerations.add(tolerating(GPU).withEffect("NoSchedule").build());
        }
        role.nodes()
                .tolerations()
                .forEach(taint -> tolerations.add(tolerating(taint).build()));
        return tolerations;
    }

    private static TolerationBuilder tolerating(String taint) {
        return new TolerationBuilder().withKey(taint).withOperator("Exists");
    }

    private PodSecurityContext podSecurityContext(PodSecurity security) {
        var builder = new PodSecurityContextBuilder()
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .withFsGroup(settings.runAsUser())
                .withFsGroupChangePolicy("OnRootMismatch");
        return switch (security) {
            case RESTRICTED ->
                builder.withRunAsNonRoot(true)
                        .withRunAsUser(settings.runAsUser())
                        .withRunAsGroup(settings.runAsUser())
                        .build();
            case BASELINE -> builder.build();
        };
    }

    private static SecurityContext securityContext(PodSecurity security) {
        var builder = new SecurityContextBuilder().withAllowPrivilegeEscalation(false);
        return switch (security) {
            case RESTRICTED ->
                builder.withNewCapabilities().withDrop("ALL").endCapabilities().build();
            // Images that need root need what root can do in a container: to change owners and to become another user.
            case BASELINE -> builder.build();
        };
    }
}
