package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeSpec;
import io.fabric8.kubernetes.api.model.PersistentVolumeSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;

/**
 * Storage that is no claim yet, as one: a volume and the claim bound to it, one pair in each namespace that uses it.
 * The pair is never removed by the platform and deleting it keeps the data ({@code Retain}).
 */
final class SharedStorage {

    /** Statically bound volumes have no size; the field wants a number. */
    private static final Map<String, Quantity> NOMINAL = Map.of("storage", new Quantity("1Gi"));

    private static final List<String> BY_MANY = List.of("ReadWriteMany");
    private static final String NO_CLASS = "";

    private SharedStorage() {}

    static String claimName(StorageSource source) {
        return switch (source) {
            case StorageSource.Claim claim -> claim.name();
            case StorageSource.Nfs nfs -> "shusuan-nfs-" + Names.hash(nfs.server() + ":" + nfs.path());
            case StorageSource.HostPath folder -> "shusuan-folder-" + Names.hash(folder.path());
        };
    }

    /**
     * What has to be there before pods of a namespace can use the source.
     *
     * @param namespaceUid a namespace made anew under its old name gets new volumes: the old ones stay bound to claims
     *     that are gone
     */
    static List<HasMetadata> objects(StorageSource source, String namespace, String namespaceUid, String platform) {
        String claim = claimName(source);
        String volume = "shusuan-" + Names.hash(platform + "/" + namespaceUid + "/" + claim);
        PersistentVolumeSpec spec = switch (source) {
            case StorageSource.Claim _ -> null;
            case StorageSource.Nfs nfs ->
                new PersistentVolumeSpecBuilder()
                        .withNewNfs(nfs.path(), null, nfs.server())
                        .build();
            case StorageSource.HostPath folder ->
                new PersistentVolumeSpecBuilder()
                        .withNewHostPath(folder.path(), "Directory")
                        .build();
        };
        if (spec == null) {
            return List.of();
        }
        spec.setCapacity(NOMINAL);
        spec.setAccessModes(BY_MANY);
        spec.setStorageClassName(NO_CLASS);
        spec.setPersistentVolumeReclaimPolicy("Retain");
        spec.setClaimRef(new ObjectReferenceBuilder()
                .withApiVersion("v1")
                .withKind("PersistentVolumeClaim")
                .withNamespace(namespace)
                .withName(claim)
                .build());
        return List.of(
                new PersistentVolumeBuilder()
                        .withNewMetadata()
                        .withName(volume)
                        .withLabels(Labels.ofPlatform(platform))
                        .endMetadata()
                        .withSpec(spec)
                        .build(),
                new PersistentVolumeClaimBuilder()
                        .withNewMetadata()
                        .withName(claim)
                        .withNamespace(namespace)
                        .withLabels(Labels.ofPlatform(platform))
                        .endMetadata()
                        .withNewSpec()
                        .withAccessModes(BY_MANY)
                        .withStorageClassName(NO_CLASS)
                        .withVolumeName(volume)
                        .withNewResources()
                        .withRequests(NOMINAL)
                        .endResources()
                        .endSpec()
                        .build());
    }
}
