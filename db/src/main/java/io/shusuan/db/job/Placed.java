package io.shusuan.db.job;

/** So many tasks of a role, on one node, which is of that flavour. */
public record Placed(String role, String flavour, String node, int tasks) {}
