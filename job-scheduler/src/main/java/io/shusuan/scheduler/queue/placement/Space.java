package io.shusuan.scheduler.queue.placement;

import io.shusuan.db.job.Resources;
import java.util.ArrayList;
import java.util.List;

/**
 * What is free on the nodes, three times: {@code current}, while all that runs or leaves is there; {@code planned}, when those that
 * leave are gone and those who were promised a place have it; and {@code open}, the smaller of both, which is what anybody else
 * may have.
 */
public final class Space {

    private final Room current;
    private final Room planned;
    private final Room open;

    public Space(Room current, Room planned) {
        this.current = current;
        this.planned = planned;
        open = current.lessOf(planned);
    }

    public Room current() {
        return current;
    }

    public Room planned() {
        return planned;
    }

    public Room open() {
        return open;
    }

    public void take(int node, Resources each, int tasks) {
        current.take(node, each, tasks);
        planned.take(node, each, tasks);
        open.setToLess(node, current, planned);
    }

    public void give(int node, Resources each, int tasks) {
        current.give(node, each, tasks);
        planned.give(node, each, tasks);
        open.setToLess(node, current, planned);
    }

    public void takePlanned(int node, Resources each, int tasks) {
        planned.take(node, each, tasks);
        open.setToLess(node, current, planned);
    }

    public void givePlanned(int node, Resources each, int tasks) {
        planned.give(node, each, tasks);
        open.setToLess(node, current, planned);
    }

    /**
     * Keeps free what a plan for later needs beyond what will be given back until then.
     *
     * @param later the room as it will be then, without the plan; used up by this
     * @return what was taken, for {@link #open(List)}
     */
    public List<Closed> close(Plan plan, Room later) {
        var before = planned.copy();
        var closed = new ArrayList<Closed>();
        for (var step : plan.steps()) {
            var taken = planned.takeBeyond(step.node(), step.need().role().perTask(), step.tasks(), before, later);
            before.take(taken);
            later.take(step.node(), step.need().role().perTask(), step.tasks());
            open.setToLess(step.node(), current, planned);
            closed.add(new Closed(taken));
        }
        return closed;
    }

    /** Keeps the same free again. */
    public void close(List<Closed> closed) {
        for (var each : closed) {
            planned.take(each.taken);
            open.setToLess(each.taken.node(), current, planned);
        }
    }

    /** Gives back what was kept free. */
    public void open(List<Closed> closed) {
        for (var each : closed) {
            planned.giveBack(each.taken);
            open.setToLess(each.taken.node(), current, planned);
        }
    }

    /** What is kept free on a node. */
    public static final class Closed {
        private final Room.Taken taken;

        Closed(Room.Taken taken) {
            this.taken = taken;
        }
    }
}
