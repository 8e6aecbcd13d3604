package io.shusuan.db.usage;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Goes through all changes in the order of their times and sums what held between them, exactly, for each step. Times are seconds. */
final class Sweep {

    private final double begin;
    private final double end;
    private final double step;
    private final double[] used;
    private final double[] nominal;
    private final double[] borrowed;
    private final long[] peak;
    private final boolean[] unlimited;

    private final Map<String, Long> held = new HashMap<>();
    private long heldInAll;

    /** Null, while it has no limit or that is not known. */
    private @Nullable Map<String, Long> owned;

    private double reached;

    Sweep(Instant from, Instant to, long stepSeconds, int steps) {
        this.begin = seconds(from);
        this.end = seconds(to);
        this.step = stepSeconds;
        this.reached = begin;
        this.used = new double[steps];
        this.nominal = new double[steps];
        this.borrowed = new double[steps];
        this.peak = new long[steps];
        this.unlimited = new boolean[steps];
    }

    static double seconds(Instant time) {
        return time.getEpochSecond() + time.getNano() / 1e9;
    }

    /** From now on so many more of a flavour are held. */
    void hold(double at, String flavour, long gpus) {
        goTo(at);
        held.merge(flavour, gpus, Long::sum);
        heldInAll += gpus;
    }

    /** @param quotas what is owned from now on of each flavour; null for no limit */
    void own(double at, @Nullable Map<String, Long> quotas) {
        goTo(at);
        owned = quotas;
    }

    private void goTo(double at) {
        var until = Math.min(at, end);
        while (reached < until) {
            var index = (int) Math.min((reached - begin) / step, used.length - 1);
            var next = Math.min(until, begin + (index + 1) * step);
            add(index, next - reached);
            reached = next;
        }
    }

    private void add(int index, double time) {
        used[index] += heldInAll * time;
        peak[index] = Math.max(peak[index], heldInAll);
        var quotas = owned;
        if (quotas == null) {
            unlimited[index] = true;
            return;
        }
        quotas.values().forEach(gpus -> nominal[index] += gpus * time);
        held.forEach((flavour, gpus) ->
                borrowed[index] += Math.max(0, gpus - Objects.requireNonNullElse(quotas.get(flavour), 0L)) * time);
    }

    List<Timeline.Point> points() {
        goTo(end);
        var points = new ArrayList<Timeline.Point>();
        for (var i = 0; i < used.length; i++) {
            var length = Math.min(step, end - (begin + i * step));
            points.add(new Timeline.Point(
                    Instant.ofEpochSecond(Math.round(begin + i * step)),
                    used[i] / length,
                    peak[i],
                    unlimited[i] ? null : nominal[i] / length,
                    unlimited[i] ? null : borrowed[i] / length));
        }
        return points;
    }
}
