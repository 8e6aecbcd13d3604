package io.shusuan.scheduler.cluster.kubernetes;

/** Where a volume that the platform provides really lies. */
public sealed interface StorageSource {

    /** A claim of that name, to be found in every namespace that jobs run in. */
    record Claim(String name) implements StorageSource {}

    /** A folder exported by an NFS server. */
    record Nfs(String server, String path) implements StorageSource {}

    /** A folder of the node itself: for a cluster of one node. It must be writable by everybody (mode 1777). */
    record HostPath(String path) implements StorageSource {}
}
