/**
 * The cluster that is this machine: a task is a tree of processes in a folder of its own. Everything the cluster knows is
 * in those folders, so that a platform that was killed finds its tasks again; see {@code DESIGN.md} beside this file.
 */
@NullMarked
package io.shusuan.scheduler.cluster.local;

import org.jspecify.annotations.NullMarked;
