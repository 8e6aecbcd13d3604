package io.shusuan.scheduler.replay;

import io.shusuan.db.queue.PriorityClass;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.Waiting;
import io.shusuan.scheduler.queue.quota.Cohort;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.QueueRules;
import io.shusuan.scheduler.queue.quota.Quota;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How queues are divided and ordered, had it been otherwise: {@code vision.weight=2}, {@code vision.h100.gpus=24} (what it owns; cpus and
 * memoryMB likewise), {@code vision.priority=10} (of all jobs of the queue).
 */
record OtherPolicy(List<Change> changes) {

    private static final Pattern TEXT = Pattern.compile(
            "([a-z0-9-]+)\\.(?:(weight|priority)|([a-z0-9-]+)\\.(cpus|memoryMB|gpus))=(-?[0-9]+(?:\\.[0-9]+)?)");

    private static final long MOST = 1_000_000_000;

    static final OtherPolicy NONE = new OtherPolicy(List.of());

    OtherPolicy {
        changes = List.copyOf(changes);
    }

    /** One number that is another one. */
    record Change(String text, QueueName queue, String flavour, String what, BigDecimal value) {}

    /** @throws IllegalArgumentException that says what is wrong with them */
    static OtherPolicy of(List<String> texts) {
        return new OtherPolicy(texts.stream().map(OtherPolicy::change).toList());
    }

    private static Change change(String text) {
        var parts = TEXT.matcher(text);
        if (!parts.matches() || !QueueName.isValid(parts.group(1))) {
            throw new IllegalArgumentException(
                    "'%s' is no change; write QUEUE.weight=2, QUEUE.priority=10 or QUEUE.FLAVOUR.gpus=24 (or cpus, memoryMB)"
                            .formatted(text));
        }
        var flavour = parts.group(3) == null ? "" : parts.group(3);
        var what = parts.group(2) == null ? parts.group(4) : parts.group(2);
        var value = new BigDecimal(parts.group(5)).stripTrailingZeros();
        requireSensible(text, what, value);
        return new Change(text, new QueueName(parts.group(1)), flavour, what, value);
    }

    /** As settings and texts of jobs may say it. */
    private static void requireSensible(String text, String what, BigDecimal value) {
        var allowed = switch (what) {
            case "weight" ->
                within(value, 0, 1_000_000, 9) && value.signum() > 0 ? "" : "a number above 0, up to 1000000";
            case "priority" ->
                within(value, -PriorityClass.MOST, PriorityClass.MOST, 0)
                        ? ""
                        : "a whole number from -%d to %d".formatted(PriorityClass.MOST, PriorityClass.MOST);
            case "cpus" -> within(value, 0, MOST, 3) ? "" : "a number with at most 3 decimals from 0 to " + MOST;
            default -> within(value, 0, MOST, 0) ? "" : "a whole number from 0 to " + MOST;
        };
        if (!allowed.isEmpty()) {
            throw new IllegalArgumentException("'%s': %s must be %s".formatted(text, what, allowed));
        }
    }

    private static boolean within(BigDecimal value, long least, long most, int decimals) {
        return value.scale() <= decimals
                && value.compareTo(BigDecimal.valueOf(least)) >= 0
                && value.compareTo(BigDecimal.valueOf(most)) <= 0;
    }

    /** @throws IllegalArgumentException if one of them is of a queue or a quota that there is not */
    void requireKnown(Cohort cohorts) {
        var queues = new ArrayList<QueueRules>();
        collect(cohorts, queues);
        for (var change : changes) {
            var queue = queues.stream()
                    .filter(each -> each.name().equals(change.queue))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("'%s': there is no queue %s; there are %s"
                            .formatted(change.text, change.queue, names(queues))));
            var flavours = queue.quotas().stream()
                    .map(quota -> quota.flavour().value())
                    .collect(Collectors.toCollection(HashSet::new));
            if (!change.flavour.isEmpty() && !flavours.contains(change.flavour)) {
                throw new IllegalArgumentException("'%s': queue %s has no quota of flavour %s; it has of %s"
                        .formatted(change.text, change.queue, change.flavour, flavours));
            }
        }
    }

    private static void collect(Cohort cohort, List<QueueRules> queues) {
        queues.addAll(cohort.queues());
        cohort.cohorts().forEach(each -> collect(each, queues));
    }

    private static String names(List<QueueRules> queues) {
        return queues.stream().map(queue -> queue.name().value()).sorted().collect(Collectors.joining(", "));
    }

    Cohort apply(Cohort cohort) {
        return new Cohort(
                cohort.name(),
                cohort.weight(),
                cohort.quotas(),
                cohort.cohorts().stream().map(this::apply).toList(),
                cohort.queues().stream().map(this::apply).toList());
    }

    private QueueRules apply(QueueRules queue) {
        var weight = queue.weight();
        var quotas = queue.quotas();
        for (var change : changes) {
            if (change.queue.equals(queue.name())) {
                weight = change.what.equals("weight") ? change.value.doubleValue() : weight;
                quotas = quotas.stream().map(quota -> apply(change, quota)).toList();
            }
        }
        return new QueueRules(queue.name(), queue.state(), weight, quotas, queue.perUser(), queue.preemption());
    }

    private static Quota apply(Change change, Quota quota) {
        if (!change.flavour.equals(quota.flavour().value())) {
            return quota;
        }
        var was = quota.nominal();
        var amount = change.value.longValue();
        var nominal = switch (change.what) {
            case "cpus" -> new Limits(change.value.movePointRight(3).longValue(), was.memoryMiB(), was.gpus());
            case "memoryMB" -> new Limits(was.milliCpus(), amount, was.gpus());
            default -> new Limits(was.milliCpus(), was.memoryMiB(), amount);
        };
        return new Quota(quota.flavour(), nominal, quota.borrowing(), quota.lending());
    }

    Waiting apply(Waiting job) {
        for (var change : changes) {
            if (change.queue.equals(job.queue()) && change.what.equals("priority")) {
                return new Waiting(
                        job.job(),
                        job.queue(),
                        job.user(),
                        change.value.intValue(),
                        job.submitted(),
                        job.ask(),
                        job.limit(),
                        job.hold(),
                        job.promise());
            }
        }
        return job;
    }

    @Override
    public String toString() {
        return changes.stream().map(Change::text).collect(Collectors.joining(", "));
    }
}
