package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.Mount;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The folders of a task. The restricted profile allows a pod no NFS and no folder of its node, but every claim: so what
 * is not a claim is reached through one that the platform makes ({@link SharedStorage}), and pods see claims alone.
 *
 * <p>A job's artifacts are the folder named after its id in the artifacts' volume. Kubelet makes that folder as root,
 * with the mode of the volume's own root: mode 1777 there, or a volume that takes {@code fsGroup}, lets the task write.
 */
record TaskVolumes(List<Volume> volumes, List<VolumeMount> mounts, Set<StorageSource> sources) {

    static final String ARTIFACTS_PATH = "/shusuan/artifacts";

    private static final String ARTIFACTS = "shusuan-artifacts";

    TaskVolumes {
        volumes = List.copyOf(volumes);
        mounts = List.copyOf(mounts);
    }

    static TaskVolumes of(Workload workload, @Nullable StorageSource artifacts) throws ClusterRefusedException {
        var volumes = new ArrayList<Volume>();
        var mounts = new ArrayList<VolumeMount>();
        var sources = new LinkedHashSet<StorageSource>();
        if (artifacts == null) {
            volumes.add(new VolumeBuilder()
                    .withName(ARTIFACTS)
                    .withNewEmptyDir()
                    .endEmptyDir()
                    .build());
            mounts.add(mount(ARTIFACTS, ARTIFACTS_PATH, null, false));
        } else {
            volumes.add(claim(ARTIFACTS, artifacts));
            mounts.add(mount(ARTIFACTS, ARTIFACTS_PATH, workload.job().toString(), false));
            sources.add(artifacts);
        }
        int number = 0;
        for (Mount each : workload.spec().mounts()) {
            String name = "mount-" + number++;
            switch (each) {
                case Mount.Claim claim -> {
                    volumes.add(claim(name, new StorageSource.Claim(claim.claimName())));
                    mounts.add(mount(name, claim.path(), null, claim.readOnly()));
                }
                case Mount.Nfs nfs -> {
                    var source = new StorageSource.Nfs(nfs.server(), nfs.exportedPath());
                    volumes.add(claim(name, source));
                    mounts.add(mount(name, nfs.path(), null, nfs.readOnly()));
                    sources.add(source);
                }
                case Mount.Artifacts source ->
                    mounts.add(mount(ARTIFACTS, source.path(), folderOf(source, workload, artifacts), true));
            }
        }
        return new TaskVolumes(volumes, mounts, sources);
    }

    private static String folderOf(Mount.Artifacts mount, Workload workload, @Nullable StorageSource artifacts)
            throws ClusterRefusedException {
        var source = workload.artifactSources().get(mount.name());
        if (artifacts == null || source == null) {
            throw new ClusterRefusedException(
                    "NO_ARTIFACTS",
                    "Mount '%s' shows the artifacts of job '%s', but this cluster keeps none: the administrator has to configure a volume for artifacts."
                            .formatted(mount.name(), mount.job()));
        }
        return source.toString();
    }

    private static Volume claim(String name, StorageSource source) {
        return new VolumeBuilder()
                .withName(name)
                .withNewPersistentVolumeClaim(SharedStorage.claimName(source), null)
                .build();
    }

    private static VolumeMount mount(String volume, String path, @Nullable String folder, boolean readOnly) {
        return new VolumeMountBuilder()
                .withName(volume)
                .withMountPath(path)
                .withSubPath(folder)
                .withReadOnly(readOnly ? true : null)
                .build();
    }
}
