package io.shusuan.scheduler.sharing;

import io.shusuan.db.queue.PriorityClass;
import io.shusuan.db.queue.PriorityClassName;
import io.shusuan.db.queue.PriorityClasses;
import io.shusuan.scheduler.sharing.SharingControl.SharingChanged;
import io.shusuan.scheduler.sharing.SharingRefusedException.Cause;
import java.util.List;
import java.util.stream.Collectors;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** What administrators do to priority classes. */
@Service
public class PriorityControl {

    private final PriorityClasses classes;
    private final SharingStore sharing;
    private final ApplicationEventPublisher events;

    PriorityControl(PriorityClasses classes, SharingStore sharing, ApplicationEventPublisher events) {
        this.classes = classes;
        this.sharing = sharing;
        this.events = events;
    }

    public List<PriorityClasses.Used> all() {
        return classes.all();
    }

    /**
     * Makes a class, or gives it another value, which its active jobs have from now on.
     *
     * @return how many jobs that moves in their lines
     */
    @Transactional
    public int change(PriorityClass priority) {
        classes.put(priority);
        var moved = classes.rank(priority);
        events.publishEvent(new SharingChanged());
        return moved;
    }

    /** @throws SharingRefusedException if active jobs are of that class, queues name it, or there is none */
    @Transactional
    public void remove(PriorityClassName name) {
        if (!classes.lock(name)) {
            throw new SharingRefusedException(Cause.NOT_FOUND, "there is no priority class '%s'".formatted(name));
        }
        classes.all().stream()
                .filter(each -> each.priority().name().equals(name) && each.waiting() + each.holding() > 0)
                .findFirst()
                .ifPresent(used -> {
                    throw new SharingRefusedException(
                            Cause.STILL_USED,
                            "%d job(s) that wait and %d that have resources are of priority class %s: give it another value, or remove it when they have ended"
                                    .formatted(used.waiting(), used.holding(), name));
                });
        var takers = sharing.read().queues().stream()
                .filter(queue -> queue.priorities().classes().contains(name))
                .map(queue -> queue.name().value())
                .collect(Collectors.joining(", "));
        if (!takers.isEmpty()) {
            throw new SharingRefusedException(
                    Cause.STILL_USED,
                    "queue(s) %s take jobs of priority class %s: take it from their settings first"
                            .formatted(takers, name));
        }
        classes.delete(name);
    }
}
