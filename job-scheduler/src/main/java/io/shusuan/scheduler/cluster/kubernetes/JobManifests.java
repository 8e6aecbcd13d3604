package io.shusuan.scheduler.cluster.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.shusuan.db.queue.Delegate;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.TaskRole;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The objects that a workload is in Kubernetes, made from the workload, the settings, and what the labels of its nodes say. */
final class JobManifests {

    private static final String ACCESS = "access";

    private final Workload workload;
    private final KubernetesSettings settings;
    private final @Nullable AdmittingScheduler admitter;
    private final TaskSpreads spreads;
    private final String namespace;
    private final TaskVolumes volumes;

    /** By role: what is made of them has copies. */
    private final Map<String, PodTemplateSpec> templates = new HashMap<>();

    /** @param admitter who admits it; nobody, if it is admitted */
    JobManifests(
            Workload workload, KubernetesSettings settings, @Nullable AdmittingScheduler admitter, TaskSpreads spreads)
            throws ClusterRefusedException {
        this.workload = workload;
        this.settings = settings;
        this.admitter = admitter;
        this.spreads = spreads;
        this.namespace = settings.namespaceOf(workload.spec().queue());
        this.volumes = TaskVolumes.of(workload, settings.artifacts());
    }

    String namespace() {
        return namespace;
    }

    TaskVolumes volumes() {
        return volumes;
    }

    /** Whether the job is more than one object, which then has an owner; or else its Job is all there is. */
    boolean needsAnchor() {
        return workload.spec().kind().serves()
                || workload.spec().taskRoles().size() > 1
                || hasAccess()
                || admitter != null;
    }

    /** What owns the other objects: to delete it is to delete the job. */
    ConfigMap anchor() {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(Names.anchor(workload.spec().name(), workload.job()))
                .withNamespace(namespace)
                .withLabels(Labels.ofJob(settings.platform(), workload))
                .endMetadata()
                .withData(Map.of(
                        "jobId",
                        workload.job().toString(),
                        "jobName",
                        workload.spec().name().value(),
                        "owner",
                        workload.owner(),
                        ACCESS,
                        Boolean.toString(hasAccess())))
                .build();
    }

    /** Whether something leads to the tasks, or tells them secrets: it is taken away when they have ended. */
    boolean hasAccess() {
        return !workload.extraEnv().isEmpty()
                || workload.spec().ingress() != null
                || workload.spec().kind().serves();
    }

    /** An anchor that does not say may be one of an earlier version. */
    static boolean mayHaveAccess(ConfigMap anchor) {
        return anchor.getData() == null || !"false".equals(anchor.getData().get(ACCESS));
    }

    /** The Jobs or Deployments of this run. */
    Set<String> namesOfRun() {
        return workload.spec().taskRoles().stream().map(this::nameOfRun).collect(Collectors.toSet());
    }

    /** One pod of each role, to ask whether such a pod would be let in. */
    Map<String, Pod> samples() throws ClusterRefusedException {
        var samples = new LinkedHashMap<String, Pod>();
        for (TaskRole role : workload.spec().taskRoles()) {
            PodTemplateSpec template = template(role);
            samples.put(
                    nameOfRun(role),
                    new PodBuilder()
                            .withMetadata(new ObjectMetaBuilder(template.getMetadata())
                                    .withNamespace(namespace)
                                    .withName(nameOfRun(role))
                                    .build())
                            .withSpec(template.getSpec())
                            .build());
        }
        return samples;
    }

    /** Refuses what cannot be made into objects, before any of them is there. */
    void check() throws ClusterRefusedException {
        var _ = objects(anchor());
    }

    private static @Nullable OwnerReference ownedBy(@Nullable ConfigMap anchor) {
        return anchor == null
                ? null
                : new OwnerReferenceBuilder()
                        .withApiVersion("v1")
                        .withKind("ConfigMap")
                        .withName(anchor.getMetadata().getName())
                        .withUid(anchor.getMetadata().getUid())
                        .withController(true)
                        .build();
    }

    /** Everything but the anchor, owned by it if there is one. */
    List<HasMetadata> objects(@Nullable ConfigMap anchor) throws ClusterRefusedException {
        OwnerReference owner = ownedBy(anchor);
        var objects = new ArrayList<HasMetadata>();
        if (!workload.extraEnv().isEmpty()) {
            objects.add(secret(owner)); // before the pods that name it
        }
        for (TaskRole role : workload.spec().taskRoles()) {
            switch (workload.spec().kind()) {
                case TRAINING, CONVERSION -> objects.add(job(role, owner));
                case INFERENCE -> {
                    objects.add(deployment(role, owner));
                    if (!role.ports().isEmpty()) {
                        objects.add(NetworkManifests.service(
                                metadata(role, owner),
                                workload.spec().serviceType(),
                                role,
                                Labels.selector(workload, role.name())));
                    }
                }
            }
        }
        var ingress = workload.spec().ingress();
        if (ingress != null) {
            TaskRole role = NetworkManifests.roleBehind(workload.spec());
            objects.add(NetworkManifests.ingress(metadata(role, owner), ingress));
        }
        return objects;
    }

    /** What makes one gang of all pods, where another scheduler admits them and wants that; to be there before them. */
    Optional<GenericKubernetesResource> gang(@Nullable ConfigMap anchor) {
        if (admitter == null) {
            return Optional.empty();
        }
        var metadata = new ObjectMetaBuilder()
                .withName(Names.workload(workload.spec().name(), workload.job(), workload.run(), "gang"))
                .withNamespace(namespace)
                .withLabels(Labels.withRun(Labels.ofJob(settings.platform(), workload), workload))
                .withOwnerReferences(Stream.ofNullable(ownedBy(anchor)).toList())
                .build();
        return admitter.gang(metadata, workload, mustHaveDelegate());
    }

    private Delegate mustHaveDelegate() {
        return Objects.requireNonNull(workload.delegate());
    }

    private Secret secret(@Nullable OwnerReference owner) {
        var data = new TreeMap<String, String>();
        workload.extraEnv()
                .forEach((name, value) -> data.put(name, Base64.getEncoder().encodeToString(value.getBytes(UTF_8))));
        return new SecretBuilder()
                .withNewMetadata()
                .withName(Names.anchor(workload.spec().name(), workload.job()))
                .withNamespace(namespace)
                .withLabels(Labels.ofJob(settings.platform(), workload))
                .withOwnerReferences(Stream.ofNullable(owner).toList())
                .endMetadata()
                .withData(data)
                .build();
    }

    private Job job(TaskRole role, @Nullable OwnerReference owner) throws ClusterRefusedException {
        Job job = new JobBuilder()
                .withMetadata(metadataOfRun(role, owner))
                .withNewSpec()
                .withCompletionMode("Indexed")
                .withCompletions(role.taskNumber())
                .withParallelism(role.taskNumber())
                .withBackoffLimit(0)
                .withSuspend(false) // named, so that whoever has suspended it is overruled
                .withTemplate(template(role))
                .endSpec()
                .build();
        if (admitter != null) {
            markAsDelegated(job);
            admitter.mark(job, workload, mustHaveDelegate());
        }
        return job;
    }

    private void markAsDelegated(HasMetadata object) {
        object.getMetadata()
                .getLabels()
                .put(Labels.DELEGATE, Labels.delegate(mustHaveDelegate().scheduler()));
    }

    private Deployment deployment(TaskRole role, @Nullable OwnerReference owner) throws ClusterRefusedException {
        Deployment deployment = new DeploymentBuilder()
                .withMetadata(metadataOfRun(role, owner))
                .withNewSpec()
                .withReplicas(role.taskNumber())
                .withRevisionHistoryLimit(0)
                .withNewStrategy()
                .withType("Recreate")
                .endStrategy()
                .withNewSelector()
                .withMatchLabels(Labels.ofPods(workload, role.name()))
                .endSelector()
                .withTemplate(template(role))
                .endSpec()
                .build();
        if (admitter != null) {
            markAsDelegated(deployment);
            admitter.mark(deployment, workload, mustHaveDelegate());
        }
        return deployment;
    }

    private PodTemplateSpec template(TaskRole role) throws ClusterRefusedException {
        PodTemplateSpec template = templates.get(role.name());
        if (template == null) {
            template = new PodTemplates(settings, spreads).of(workload, role, volumes);
            templates.put(role.name(), template);
        }
        return template;
    }

    private ObjectMeta metadataOfRun(TaskRole role, @Nullable OwnerReference owner) {
        return new ObjectMetaBuilder(metadata(role, owner))
                .withName(nameOfRun(role))
                .withLabels(Labels.ofRun(settings.platform(), workload, role.name()))
                .build();
    }

    private ObjectMeta metadata(TaskRole role, @Nullable OwnerReference owner) {
        return new ObjectMetaBuilder()
                .withName(name(role))
                .withNamespace(namespace)
                .withLabels(Labels.ofRole(settings.platform(), workload, role.name()))
                .withOwnerReferences(Stream.ofNullable(owner).toList())
                .build();
    }

    private String nameOfRun(TaskRole role) {
        return Names.workload(workload.spec().name(), workload.job(), workload.run(), role.name());
    }

    private String name(TaskRole role) {
        return Names.workload(workload.spec().name(), workload.job(), role.name());
    }
}
