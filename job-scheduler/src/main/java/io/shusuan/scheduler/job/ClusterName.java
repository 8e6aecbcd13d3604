package io.shusuan.scheduler.job;

/** Which cluster a platform's settings name, for people and to know it again. */
public record ClusterName(String value) {}
