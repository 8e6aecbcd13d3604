package io.shusuan.scheduler.job;

import static java.util.stream.Collectors.joining;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobName;
import io.shusuan.db.job.Jobs;
import io.shusuan.db.queue.PriorityClassName;
import io.shusuan.db.queue.PriorityClasses;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.QueueState;
import io.shusuan.db.queue.Queues;
import io.shusuan.scheduler.sharing.PriorityLimits;
import io.shusuan.scheduler.sharing.SharingStore;
import io.shusuan.scheduler.spec.Fault;
import io.shusuan.scheduler.spec.JobSpec;
import io.shusuan.scheduler.spec.Mount;
import io.shusuan.scheduler.spec.SpecException;
import io.shusuan.scheduler.spec.TextReferences;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/**
 * What texts refer to by name: their queue, which must take jobs, their priority class, and the jobs whose artifacts they mount.
 * Inside the caller's transaction.
 */
@Component
class References {

    private static final int MOST_SHOWN = 20;

    private final Jobs jobs;
    private final Queues queues;
    private final PriorityClasses priorities;
    private final SharingStore sharing;

    /** Of the queues that do not take any priority. */
    private final Map<QueueName, PriorityLimits> known = new ConcurrentHashMap<>();

    References(Jobs jobs, Queues queues, PriorityClasses priorities, SharingStore sharing) {
        this.sharing = sharing;
        this.jobs = jobs;
        this.queues = queues;
        this.priorities = priorities;
    }

    /** The priority that a valid text asks for, by a number or by the name of a class. */
    int priority(JobSpec spec, byte[] text) {
        var name = spec.priorityClass();
        if (name == null) {
            return spec.priority();
        }
        var value = priorities.value(name);
        while (value.isEmpty()) {
            requireKnown(text); // a class that was made in between is found now
            value = priorities.value(name);
        }
        return value.getAsInt();
    }

    /**
     * Refuses a priority that its queue does not take now. Returns by what that was judged: it may be what was known of the queue
     * last, so whoever goes by it finds out whether it still is so.
     */
    PriorityLimits judge(int priority, JobSpec spec, byte[] text) {
        var last = known.getOrDefault(spec.queue(), PriorityLimits.ANY);
        return last.refusal(spec.queue(), spec.priorityClass(), priority).isEmpty()
                ? last
                : judgeAnew(priority, spec, text);
    }

    /** Likewise by what the queue takes now. */
    PriorityLimits judgeAnew(int priority, JobSpec spec, byte[] text) {
        var limits = sharing.priorities(spec.queue());
        if (limits.isAny()) {
            known.remove(spec.queue());
        } else {
            known.put(spec.queue(), limits);
        }
        requireTaken(priority, spec, limits, text);
        return limits;
    }

    private static void requireTaken(int priority, JobSpec spec, PriorityLimits limits, byte[] text) {
        limits.refusal(spec.queue(), spec.priorityClass(), priority).ifPresent(refusal -> {
            var found = spec.priorityClass();
            throw new SpecException(List.of(TextReferences.in(text)
                    .priorityNotTaken(
                            refusal.sentence(),
                            found == null ? Integer.toString(priority) : found.value(),
                            refusal.allowed())));
        });
    }

    /** The jobs whose artifacts a valid text mounts, by the name of the mount. */
    Map<String, JobId> sources(JobSpec spec, byte[] text) {
        var sources = new HashMap<String, JobId>();
        for (var mount : spec.mounts()) {
            if (mount instanceof Mount.Artifacts artifacts) {
                sources.put(artifacts.name(), source(artifacts.job(), text));
            }
        }
        return sources;
    }

    private JobId source(JobName name, byte[] text) {
        var source = jobs.newestSucceeded(name.value());
        while (source.isEmpty()) {
            requireKnown(text); // a job that has succeeded in between is found now
            source = jobs.newestSucceeded(name.value());
        }
        return source.get().id();
    }

    void requireKnown(byte[] text) {
        var faults = unknown(text);
        if (!faults.isEmpty()) {
            throw new SpecException(faults);
        }
    }

    /** A fault for each name in a text that leads nowhere, whatever else is wrong with the text. */
    List<Fault> unknown(byte[] text) {
        var named = TextReferences.in(text);
        var faults = new ArrayList<Fault>();
        named.queue().filter(QueueName::isValid).ifPresent(name -> {
            var queue = queues.findById(name);
            if (queue.isEmpty()) {
                faults.add(wrongQueue(named, name, "there is no queue '%s'"));
            } else if (queue.get().state() == QueueState.DRAINED) {
                faults.add(wrongQueue(named, name, "queue '%s' is drained: it takes no jobs"));
            }
        });
        named.priorityClass().filter(PriorityClassName::isValid).ifPresent(name -> {
            if (priorities.value(new PriorityClassName(name)).isEmpty()) {
                var names = priorities.all().stream()
                        .map(each -> each.priority().name().value())
                        .toList();
                var message = "there is no priority class '%s'".formatted(name);
                faults.add(named.unknown("priorityClass", message, name, shown(names), names));
            }
        });
        named.artifacts().forEach((path, name) -> {
            if (JobName.isValid(name) && jobs.newestSucceeded(name).isEmpty()) {
                faults.add(named.unknown(
                        path,
                        "no job named '%s' has succeeded, so there are no artifacts to mount".formatted(name),
                        name,
                        "a job that has succeeded",
                        List.of()));
            }
        });
        return faults;
    }

    private Fault wrongQueue(TextReferences named, String name, String message) {
        var names = queues.all().stream()
                .filter(queue -> queue.state() != QueueState.DRAINED)
                .map(queue -> queue.name().value())
                .toList();
        return named.unknown("queue", message.formatted(name), name, shown(names), names);
    }

    private static String shown(List<String> names) {
        var shown = names.stream().limit(MOST_SHOWN).collect(joining(", "));
        var more = names.size() - MOST_SHOWN;
        return names.isEmpty() ? "none yet" : more > 0 ? "%s and %d more".formatted(shown, more) : shown;
    }
}
