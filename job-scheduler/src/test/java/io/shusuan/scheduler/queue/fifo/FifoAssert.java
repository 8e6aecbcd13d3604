package io.shusuan.scheduler.queue.fifo;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Resources;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.queue.WaitReason;
import io.shusuan.scheduler.queue.fifo.Decision.Admit;
import io.shusuan.scheduler.queue.fifo.Decision.Wait;
import io.shusuan.scheduler.queue.fifo.Snapshot.Share;
import io.shusuan.scheduler.queue.fifo.Snapshot.Waiting;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.assertj.core.api.AbstractAssert;

/** Makes a cluster and a line of jobs, and says what the policy decides about each. */
final class FifoAssert extends AbstractAssert<FifoAssert, FifoAssert.Line> {

    private FifoAssert(Line line) {
        super(line, FifoAssert.class);
    }

    static FifoAssert assertThat(Line line) {
        return new FifoAssert(line);
    }

    /** A cluster of like nodes with nothing on it. */
    static Line cluster(int nodes, Resources each, int maxTasks) {
        return new Line(IntStream.range(0, nodes)
                .mapToObj(i -> new Capacity.Node("node-" + i, each, Resources.NONE, maxTasks))
                .toList());
    }

    static Resources cpus(int cores) {
        return new Resources(cores * 1000L, 0, 0);
    }

    static Resources gpus(int count) {
        return new Resources(0, 0, count);
    }

    /** A cluster, what is held of it, and who waits. */
    static final class Line {
        private final List<Capacity.Node> nodes;
        private final Map<String, Waiting> waiting = new LinkedHashMap<>();
        private Resources held = Resources.NONE;
        private int heldTasks;

        private Line(List<Capacity.Node> nodes) {
            this.nodes = new ArrayList<>(nodes);
        }

        Line holding(int tasks, Resources resources) {
            held = resources;
            heldTasks = tasks;
            return this;
        }

        Line withOthersUsing(Resources resources) {
            nodes.replaceAll(node -> new Capacity.Node(node.name(), node.allocatable(), resources, node.maxTasks()));
            return this;
        }

        Line waiting(String name, int tasks, Resources perTask) {
            return waiting(name, new Share("main", perTask, tasks));
        }

        Line waiting(String name, Share... shares) {
            waiting.put(name, new Waiting(JobId.next(), QueueName.DEFAULT, List.of(shares)));
            return this;
        }

        Snapshot snapshot() {
            return new Snapshot(new Capacity(nodes), held, heldTasks, List.copyOf(waiting.values()));
        }

        private Decision about(String name) {
            var id = Objects.requireNonNull(waiting.get(name)).job();
            return new FifoPolicy()
                    .decide(snapshot()).stream()
                            .filter(decision -> decision.job().equals(id))
                            .findFirst()
                            .orElseThrow();
        }
    }

    FifoAssert admits(String... names) {
        for (var name : names) {
            if (!(actual.about(name) instanceof Admit)) {
                failWithMessage("expected %s to be admitted, but: %s", name, actual.about(name));
            }
        }
        return this;
    }

    FifoAssert letsWait(String name, WaitReason reason) {
        if (!(actual.about(name) instanceof Wait wait) || wait.reason() != reason) {
            failWithMessage("expected %s to wait because of %s, but: %s", name, reason, actual.about(name));
        }
        return this;
    }

    FifoAssert saysOf(String name, String sentence) {
        if (!(actual.about(name) instanceof Wait wait) || !wait.sentence().equals(sentence)) {
            failWithMessage("expected of %s:%n%s%nbut:%n%s", name, sentence, actual.about(name));
        }
        return this;
    }
}
