package io.shusuan.scheduler.job;

/** Told when somebody has closed a node or opened it. */
record NodesChanged() {}
