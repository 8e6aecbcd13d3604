package io.shusuan.web.cluster;

import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.job.Occupancy.Share;
import io.shusuan.scheduler.job.Occupancy.Taken;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the page of nodes shows.
 *
 * @param total how many nodes there are, wherever they are shown
 * @param gpus how many GPUs the nodes have, those that take no work now among them, and how many are held
 * @param hues the colour of each queue that has something, in degrees
 * @param next the number of the page after this one; null, if there is none
 */
record NodesPage(
        int total,
        Gpus gpus,
        List<NodeRow> rows,
        Map<String, Integer> hues,
        @Nullable Integer next) {

    private static final int ROWS = 60;

    /** Neighbours of the alphabet are far from each other on the colour circle. */
    private static final int STEP = 137;

    private static final int FIRST_HUE = 190;

    record Gpus(int held, int all) {}

    /** Whether agents tell of the GPUs of any node that is shown. */
    public boolean hasHeat() {
        return rows.stream()
                .map(NodeRow::state)
                .anyMatch(state -> state != null && !state.gpus().isEmpty());
    }

    /** @param states what the agents of nodes tell, for those that are shown */
    static NodesPage of(
            List<Taken> nodes, String text, int page, Function<List<Taken>, Map<String, NodeState>> states) {
        List<Taken> found = nodes.stream()
                .filter(each -> text.isEmpty() || NodeRow.matches(each, text))
                .toList();
        int from = (int) Math.min(found.size(), (long) page * ROWS);
        int to = Math.min(found.size(), from + ROWS);
        var shown = found.subList(from, to);
        var told = states.apply(shown);
        return new NodesPage(
                nodes.size(),
                new Gpus(
                        nodes.stream()
                                .map(Taken::held)
                                .mapToInt(Resources::gpus)
                                .sum(),
                        nodes.stream()
                                .mapToInt(each -> each.node().allocatable().gpus())
                                .sum()),
                shown.stream()
                        .map(each -> NodeRow.of(each, told.get(each.node().name())))
                        .toList(),
                hues(nodes),
                to < found.size() ? page + 1 : null);
    }

    private static Map<String, Integer> hues(List<Taken> nodes) {
        var queues = new TreeSet<String>();
        nodes.forEach(each -> each.shares().stream().map(Share::queue).forEach(queues::add));
        var hues = new TreeMap<String, Integer>();
        queues.forEach(queue -> hues.put(queue, (FIRST_HUE + hues.size() * STEP) % 360));
        return hues;
    }
}
