package io.shusuan.api.agent;

import io.shusuan.api.agent.NodeReport.Engine;
import io.shusuan.api.agent.NodeReport.Fault;
import io.shusuan.api.agent.NodeReport.Gpu;
import io.shusuan.api.agent.NodeReport.GpuProcess;
import io.shusuan.scheduler.node.GpuFault;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Everything that is wrong with what a node agent tells, each with its place. */
@SuppressWarnings("ConstantValue") // JSON may leave out anything
final class NodeReportCheck {

    private static final int MAX_NAME = 253;
    private static final int MAX_TEXT = 512;
    private static final int MAX_GPUS = 128;
    private static final int MAX_ITEMS = 1024;

    /** Years of four digits. */
    private static final Instant END_OF_TIME = Instant.parse("9999-01-01T00:00:00Z");

    private enum EngineState {
        READY,
        WAITING,
        BUILDING,
        REJECTED,
        FAILED
    }

    private final List<String> problems = new ArrayList<>();

    private NodeReportCheck() {}

    static List<String> problems(NodeReport report) {
        var check = new NodeReportCheck();
        check.node(report);
        return check.problems;
    }

    static boolean isName(String name) {
        return !name.isBlank()
                && name.length() <= MAX_NAME
                && name.chars().noneMatch(each -> Character.isISOControl(each) || Character.isSurrogate((char) each));
    }

    static boolean isTime(Instant time) {
        return !time.isBefore(Instant.EPOCH) && time.isBefore(END_OF_TIME);
    }

    private void node(NodeReport node) {
        if (node.name() == null || !isName(node.name())) {
            problems.add(
                    "node.name must have 1 to %d characters, none of them a control character".formatted(MAX_NAME));
        }
        within("node.cpuUtilization", node.cpuUtilization(), 0, 1);
        notNegative("node.cores", node.cores());
        notNegative("node.memoryBytes", node.memoryBytes());
        notNegative("node.memoryUsedBytes", node.memoryUsedBytes());
        texts("node", node.gpuProblem(), node.driver(), node.cuda());
        if (node.gpus().size() > MAX_GPUS) {
            problems.add("node.gpus has %d; at most %d".formatted(node.gpus().size(), MAX_GPUS));
            return;
        }
        engines(node.engines());
        var indices = new HashSet<Integer>();
        for (var i = 0; i < node.gpus().size(); i++) {
            var where = "node.gpus[%d]".formatted(i);
            var gpu = node.gpus().get(i);
            if (!indices.add(gpu.index())) {
                problems.add("%s.index is %d, which another GPU has".formatted(where, gpu.index()));
            }
            gpu(where, gpu);
        }
    }

    private void engines(List<Engine> engines) {
        if (engines.size() > MAX_ITEMS) {
            problems.add("node.engines has %d; at most %d".formatted(engines.size(), MAX_ITEMS));
            return;
        }
        for (var i = 0; i < engines.size(); i++) {
            var where = "node.engines[%d]".formatted(i);
            var engine = engines.get(i);
            if (engine.model() == null || engine.architecture() == null) {
                problems.add(where + " must have a model and an architecture");
            }
            if (Arrays.stream(EngineState.values())
                    .noneMatch(state -> state.name().equals(engine.state()))) {
                problems.add("%s.state is '%s'; there are %s"
                        .formatted(where, engine.state(), Arrays.toString(EngineState.values())));
            }
            texts(where, engine.model(), engine.architecture(), engine.reason());
        }
    }

    private void gpu(String where, Gpu gpu) {
        within(where + ".index", gpu.index(), 0, MAX_ITEMS);
        within(where + ".utilization", gpu.utilization(), 0, 100);
        within(where + ".temperature", gpu.temperature(), -100, 300);
        notNegative(where + ".memoryBytes", gpu.memoryBytes());
        notNegative(where + ".memoryUsedBytes", gpu.memoryUsedBytes());
        notNegative(where + ".powerWatts", gpu.powerWatts());
        notNegative(where + ".powerLimitWatts", gpu.powerLimitWatts());
        notNegative(where + ".lastXid", gpu.lastXid());
        time(where + ".idleSince", gpu.idleSince());
        texts(where, gpu.uuid(), gpu.name(), gpu.architecture(), gpu.computeCapability(), gpu.pciBusId());
        texts(where, gpu.numaNodes(), gpu.cpus());
        if (gpu.uuid() != null && !isName(gpu.uuid())) { // by which its faults are kept
            problems.add("%s.uuid must have 1 to %d characters, none of them a control character"
                    .formatted(where, MAX_NAME));
        }
        for (var list : List.of(gpu.migInstances(), gpu.nvlinks(), gpu.paths(), gpu.faults(), gpu.processes())) {
            if (list.size() > MAX_ITEMS) {
                problems.add("%s has a list of %d; at most %d".formatted(where, list.size(), MAX_ITEMS));
                return;
            }
        }
        gpu.migInstances().forEach(instance -> texts(where + ".migInstances", instance.uuid(), instance.name()));
        gpu.nvlinks().forEach(link -> texts(where + ".nvlinks", link));
        for (var path : gpu.paths()) {
            if (path.level() == null) {
                problems.add("%s.paths has one to GPU %d without its level".formatted(where, path.gpu()));
            }
            texts(where + ".paths", path.level());
        }
        for (var i = 0; i < gpu.faults().size(); i++) {
            fault("%s.faults[%d]".formatted(where, i), gpu.faults().get(i));
        }
        for (var i = 0; i < gpu.processes().size(); i++) {
            process("%s.processes[%d]".formatted(where, i), gpu.processes().get(i));
        }
    }

    private void fault(String where, Fault fault) {
        if (Arrays.stream(GpuFault.Kind.values()).noneMatch(kind -> kind.name().equals(fault.kind()))) {
            problems.add("%s.kind is '%s'; there are %s"
                    .formatted(where, fault.kind(), Arrays.toString(GpuFault.Kind.values())));
        }
        if (fault.since() == null) {
            problems.add(where + ".since is missing");
        }
        time(where + ".since", fault.since());
        notNegative(where + ".xid", fault.xid());
    }

    private void process(String where, GpuProcess process) {
        within(where + ".pid", process.pid(), 1, Integer.MAX_VALUE);
        notNegative(where + ".memoryBytes", process.memoryBytes());
        texts(where, process.command(), process.job(), process.pod(), process.container());
        if (process.growing() != null && process.growing().since() == null) {
            problems.add(where + ".growing.since is missing");
        }
    }

    private void time(String where, @Nullable Instant time) {
        if (time != null && !isTime(time)) {
            problems.add("%s is %s; it is between 1970 and 9999".formatted(where, time));
        }
    }

    private void notNegative(String where, @Nullable Number value) {
        within(where, value, 0, Double.MAX_VALUE);
    }

    private void within(String where, @Nullable Number value, double least, double most) {
        if (value != null && !(value.doubleValue() >= least && value.doubleValue() <= most)) {
            problems.add(
                    most == Double.MAX_VALUE || most == Integer.MAX_VALUE
                            ? "%s is %s; it is %.0f or more".formatted(where, value, least)
                            : "%s is %s; it is from %.0f to %.0f".formatted(where, value, least, most));
        }
    }

    private void texts(String where, @Nullable String... texts) {
        for (var text : texts) {
            if (text != null && text.length() > MAX_TEXT) {
                problems.add("%s has a text of %d characters; at most %d".formatted(where, text.length(), MAX_TEXT));
            }
        }
    }
}
