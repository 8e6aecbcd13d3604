package io.shusuan.db.job;

import java.util.List;

/** So many tasks of a role, on one node, which is of that flavour. */
public record Placed(String role, String flavour, String node, int tasks) {

    public static int tasks(List<Placed> placement) {
        return placement.stream().mapToInt(Placed::tasks).sum();
    }

    public static int tasksOf(String role, List<Placed> placement) {
        return placement.stream()
                .filter(placed -> placed.role().equals(role))
                .mapToInt(Placed::tasks)
                .sum();
    }
}
