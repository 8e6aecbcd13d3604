package io.shusuan.scheduler.job;

import io.shusuan.db.job.Placed;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.Observation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Where the tasks of a job are, as the cluster sees them, beside where they were meant to be. Pure. */
final class Whereabouts {

    private Whereabouts() {}

    /** The placement with which the seen tasks are counted where they are; the same one if each is where it was meant to be. */
    static List<Placed> seen(List<Placed> meant, Observation observation) {
        var byRole = new LinkedHashMap<String, List<Placed>>();
        meant.forEach(placed ->
                byRole.computeIfAbsent(placed.role(), role -> new ArrayList<>()).add(placed));
        var all = new ArrayList<Placed>();
        byRole.forEach((role, places) -> all.addAll(ofRole(role, places, nodes(role, observation))));
        return all;
    }

    /** How many tasks of a role are on each node. */
    private static Map<String, Integer> nodes(String role, Observation observation) {
        var nodes = new TreeMap<String, Integer>();
        Verdict.newest(observation).values().stream()
                .filter(attempt -> attempt.role().equals(role))
                .map(Attempt::node)
                .forEach(node -> {
                    if (node != null) {
                        nodes.merge(node, 1, Integer::sum);
                    }
                });
        return nodes;
    }

    private static List<Placed> ofRole(String role, List<Placed> meant, Map<String, Integer> seen) {
        if (seen.entrySet().stream().allMatch(node -> node.getValue() <= meantFor(node.getKey(), meant))) {
            return meant;
        }
        var places = new ArrayList<Placed>();
        seen.forEach((node, tasks) -> places.add(new Placed(role, flavour(node, meant), node, tasks)));
        var left = meant.stream().mapToInt(Placed::tasks).sum()
                - seen.values().stream().mapToInt(tasks -> tasks).sum();
        // Whoever is not bound yet goes on counting where there is room that was meant for the role.
        for (var placed : meant) {
            var more = Math.min(left, placed.tasks() - seen.getOrDefault(placed.node(), 0));
            if (more > 0) {
                places.add(new Placed(role, placed.flavour(), placed.node(), more));
                left -= more;
            }
        }
        return places;
    }

    private static int meantFor(String node, List<Placed> meant) {
        return meant.stream()
                .filter(placed -> placed.node().equals(node))
                .mapToInt(Placed::tasks)
                .sum();
    }

    private static String flavour(String node, List<Placed> meant) {
        return meant.stream()
                .filter(placed -> placed.node().equals(node))
                .findFirst()
                .orElse(meant.getFirst())
                .flavour();
    }
}
