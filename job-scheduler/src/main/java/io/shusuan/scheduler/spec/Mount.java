package io.shusuan.scheduler.spec;

import io.shusuan.db.job.JobName;

/** A folder that every task of the job finds at {@link #path()}, and by the variable {@code SHUSUAN_MOUNT_<NAME>}. */
public sealed interface Mount {

    String name();

    /** Absolute path inside the container; on the local cluster the variable tells where the folder really is. */
    String path();

    boolean readOnly();

    /** The environment variable that holds where the folder is found. */
    default String variable() {
        return "SHUSUAN_MOUNT_" + name().toUpperCase(java.util.Locale.ROOT).replace('-', '_');
    }

    /** A persistent volume claim of the cluster. */
    record Claim(String name, String path, boolean readOnly, String claimName) implements Mount {}

    /** A folder exported by an NFS server. */
    record Nfs(String name, String path, boolean readOnly, String server, String exportedPath) implements Mount {}

    /** What the newest succeeded job of a name has written; always read-only. */
    record Artifacts(String name, String path, JobName job) implements Mount {
        @Override
        public boolean readOnly() {
            return true;
        }
    }
}
