package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.Delegate;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.Standing;
import io.shusuan.scheduler.cluster.Workload;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A scheduler of the cluster that can admit jobs in the place of the platform: how it wants their objects to be, and what it says of
 * them. A Job is made once and then its business; all else is put back when others change it, as for every job.
 */
interface AdmittingScheduler {

    /** The kind of the objects that tell what it thinks of a job. Where there is no such kind it is not installed. */
    OptionalKind kind();

    /** Makes the Job of a role one that it admits. */
    void mark(Job job, Workload workload, Delegate to) throws ClusterRefusedException;

    /** Makes the Deployment of a role one whose pods it admits, each by itself. */
    void mark(Deployment deployment, Workload workload, Delegate to);

    /**
     * The object of its {@link #kind} that makes one gang of all pods of a run, if that is not of its own making.
     *
     * @param metadata what such an object is called, and whose it is
     */
    Optional<GenericKubernetesResource> gang(ObjectMeta metadata, Workload workload, Delegate to);

    /** Takes away what makes gangs of a job's pods, of which nothing shall begin any more; what has ended stays. */
    void disband(JobId job, String namespace) throws ClusterUnavailableException;

    /**
     * Likewise of a job whose pods were told to go.
     *
     * @param made its Jobs and Deployments in that namespace
     */
    void letGo(JobId job, String namespace, List<HasMetadata> made) throws ClusterUnavailableException;

    /**
     * How a run stands.
     *
     * @param made its Jobs or Deployments
     * @param pods those of its pods that have not been deleted altogether
     * @return nothing, if so much of it is missing that it has to be handed over again
     */
    @Nullable
    Standing standing(List<HasMetadata> made, List<Pod> pods);

    /** Whether a Job that has ended may stay for the logs of its pods. */
    boolean letsStay(Job ended);
}
