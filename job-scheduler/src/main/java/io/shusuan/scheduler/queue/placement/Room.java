package io.shusuan.scheduler.queue.placement;

import io.shusuan.db.job.Resources;
import java.util.Arrays;

/**
 * What is free on each node. May go below zero, where more is promised than there is. Remembers which nodes have changed, so
 * that whoever computed something from it can catch up. For one thread.
 */
public final class Room {

    private static final int MOST_TASKS = 1 << 16;

    private final long[] cpus;
    private final long[] memory;
    private final long[] gpus;
    private final long[] tasks;
    private int[] changed = new int[64];
    private int changes;

    private Room(long[] cpus, long[] memory, long[] gpus, long[] tasks) {
        this.cpus = cpus;
        this.memory = memory;
        this.gpus = gpus;
        this.tasks = tasks;
    }

    /** As much as the nodes have when only others' work runs there, or not even that. */
    public static Room of(Site site, boolean withOthers) {
        var size = site.size();
        var room = new Room(new long[size], new long[size], new long[size], new long[size]);
        for (var i = 0; i < size; i++) {
            var node = site.node(i);
            room.add(i, node.allocatable(), 1, node.maxTasks());
            if (withOthers) {
                room.add(i, node.usedByOthers(), -1, 0);
            }
        }
        return room;
    }

    public Room copy() {
        return new Room(cpus.clone(), memory.clone(), gpus.clone(), tasks.clone());
    }

    public void take(int node, Resources each, int count) {
        add(node, each, -count, -count);
    }

    public void give(int node, Resources each, int count) {
        add(node, each, count, count);
    }

    private void add(int node, Resources each, int times, int places) {
        cpus[node] += each.milliCpus() * times;
        memory[node] += each.memoryMiB() * times;
        gpus[node] += (long) each.gpus() * times;
        tasks[node] += places;
        note(node);
    }

    /** Of each node the smaller of what both have. */
    Room lessOf(Room other) {
        var less = copy();
        for (var node = 0; node < cpus.length; node++) {
            less.setToLess(node, this, other);
        }
        return less;
    }

    /** Makes a node's room here the smaller one of what two others have. */
    void setToLess(int node, Room one, Room other) {
        cpus[node] = Math.min(one.cpus[node], other.cpus[node]);
        memory[node] = Math.min(one.memory[node], other.memory[node]);
        gpus[node] = Math.min(one.gpus[node], other.gpus[node]);
        tasks[node] = Math.min(one.tasks[node], other.tasks[node]);
        note(node);
    }

    /** Takes what is wanted beyond what will have been given back by then; returns that, to be given back as one task. */
    Taken takeBeyond(int node, Resources wanted, int count, Room before, Room after) {
        var taken = new Taken(
                node,
                beyond(wanted.milliCpus() * count, before.cpus[node], after.cpus[node]),
                beyond(wanted.memoryMiB() * count, before.memory[node], after.memory[node]),
                beyond((long) wanted.gpus() * count, before.gpus[node], after.gpus[node]),
                beyond(count, before.tasks[node], after.tasks[node]));
        take(taken);
        return taken;
    }

    private static long beyond(long wanted, long before, long after) {
        return Math.max(0, wanted - (after - before));
    }

    void take(Taken taken) {
        change(taken, -1);
    }

    void giveBack(Taken taken) {
        change(taken, 1);
    }

    private void change(Taken taken, int sign) {
        cpus[taken.node] += sign * taken.cpus;
        memory[taken.node] += sign * taken.memory;
        gpus[taken.node] += sign * taken.gpus;
        tasks[taken.node] += sign * taken.tasks;
        note(taken.node);
    }

    record Taken(int node, long cpus, long memory, long gpus, long tasks) {}

    private void note(int node) {
        if (changes == changed.length) {
            changed = Arrays.copyOf(changed, changes * 2);
        }
        changed[changes++] = node;
    }

    int changes() {
        return changes;
    }

    int changed(int change) {
        return changed[change];
    }

    /** How many tasks of this size the node takes, whether or not they may be there. */
    int fits(int node, Resources each) {
        var most = Math.min(tasks[node], MOST_TASKS);
        if (most <= 0 || each.gpus() > gpus[node] || each.milliCpus() > cpus[node] || each.memoryMiB() > memory[node]) {
            return 0;
        }
        if (each.gpus() > 0) {
            most = Math.min(most, gpus[node] / each.gpus());
        }
        if (each.milliCpus() > 0) {
            most = Math.min(most, cpus[node] / each.milliCpus());
        }
        if (each.memoryMiB() > 0) {
            most = Math.min(most, memory[node] / each.memoryMiB());
        }
        return (int) most;
    }

    int fits(int node, Shape shape) {
        return gpus[node] >= shape.each.gpus() && shape.mayBeOn(node) ? fits(node, shape.each) : 0;
    }

    public long gpus(int node) {
        return gpus[node];
    }
}
