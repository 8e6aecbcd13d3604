/**
 * The port to where work runs. {@link io.shusuan.scheduler.cluster.Cluster} is declarative: it is told which workloads
 * should exist and tells what it sees; who calls it twice changes nothing. Two adapters: processes of this machine
 * ({@code local}) and pods ({@code kubernetes}).
 */
@NullMarked
package io.shusuan.scheduler.cluster;

import org.jspecify.annotations.NullMarked;
