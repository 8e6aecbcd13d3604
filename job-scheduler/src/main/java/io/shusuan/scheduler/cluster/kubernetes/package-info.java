/**
 * Work as pods. A job becomes, for each of its task roles, an Indexed Job (training) or a Deployment with its Service
 * (inference), and one anchor, a ConfigMap that owns all of these; only a job that is a single Indexed Job needs none.
 *
 * <p>Writing: {@code JobManifests} makes the objects of a workload from nothing but the workload and the settings, with
 * names that follow from the job's id; {@code KubernetesCluster} sends them by server-side apply, so that saying it
 * twice changes nothing and what others changed in our fields is put back (a Job that begins is made, which is cheaper). Reading: one informer per kind
 * ({@code Watched}) keeps what the API server tells, nodes first, since the queue waits for no more than those; {@code PodAttempts} and {@code News} turn it into attempts and
 * events, {@code Nodes} into capacity. {@code ApiServer} is the only place that speaks to the API server; it gives
 * every call a deadline, sorts what went wrong into <em>refused</em> and <em>unavailable</em>, and knows since when it
 * has not been answered.
 *
 * <p>Types of the Kubernetes client stay inside this package.
 */
@NullMarked
package io.shusuan.scheduler.cluster.kubernetes;

import org.jspecify.annotations.NullMarked;
