package io.shusuan.agent.report;

import io.shusuan.agent.engine.build.KeptEngine;
import io.shusuan.agent.node.GpuDescription;
import io.shusuan.agent.node.GpuPlace;
import io.shusuan.agent.node.GpuSample;
import io.shusuan.agent.node.GpuStatus;
import io.shusuan.agent.node.ProcessOwner;
import io.shusuan.agent.report.Heartbeat.Node;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import tools.jackson.core.JsonGenerator;

/** The node's part of a heartbeat. What is not known is left out. */
final class NodeJson {
    private static final double MILLI = 1000;

    /** The control plane takes no longer texts. */
    private static final int MAX_REASON = 512;

    private final JsonGenerator json;

    private NodeJson(JsonGenerator json) {
        this.json = json;
    }

    static void write(JsonGenerator json, Node node) {
        new NodeJson(json).node(node);
    }

    private void node(Node node) {
        json.writeObjectPropertyStart("node");
        json.writeStringProperty("name", node.name());
        node.machine().ifPresent(machine -> {
            json.writeNumberProperty("cores", machine.cores());
            json.writeNumberProperty("cpuUtilization", machine.utilization());
            json.writeNumberProperty("memoryBytes", machine.memoryBytes());
            json.writeNumberProperty("memoryUsedBytes", machine.memoryUsedBytes());
        });
        var gpus = node.gpus();
        text("gpuProblem", gpus.problem());
        gpus.driver().ifPresent(driver -> {
            json.writeStringProperty("driver", driver.version());
            json.writeStringProperty("cuda", driver.cuda());
        });
        json.writeArrayPropertyStart("gpus");
        gpus.gpus().forEach(this::gpu);
        json.writeEndArray();
        json.writeArrayPropertyStart("engines");
        node.engines().forEach(this::engine);
        json.writeEndArray();
        json.writeEndObject();
    }

    private void engine(KeptEngine engine) {
        json.writeStartObject();
        json.writeStringProperty("model", engine.model());
        json.writeNumberProperty("version", engine.version());
        json.writeStringProperty("architecture", engine.architecture());
        json.writeStringProperty("state", engine.state().name());
        if (!engine.reason().isEmpty()) {
            var reason = engine.reason();
            json.writeStringProperty(
                    "reason", reason.length() > MAX_REASON ? reason.substring(0, MAX_REASON - 1) + "…" : reason);
        }
        json.writeEndObject();
    }

    private void gpu(GpuStatus status) {
        json.writeStartObject();
        description(status.gpu());
        status.sample().ifPresent(this::sample);
        number("lastXid", status.lastXid());
        time("idleSince", status.idleSince());
        json.writeArrayPropertyStart("faults");
        for (var fault : status.faults()) {
            json.writeStartObject();
            json.writeStringProperty("kind", fault.kind().name());
            number("xid", fault.xid());
            json.writeStringProperty("since", fault.since().toString());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayPropertyStart("processes");
        status.processes().forEach(this::process);
        json.writeEndArray();
        json.writeEndObject();
    }

    private void description(GpuDescription gpu) {
        json.writeNumberProperty("index", gpu.index());
        text("uuid", known(gpu.uuid()));
        text("name", known(gpu.name()));
        text("architecture", known(gpu.architecture()));
        text("computeCapability", known(gpu.computeCapability()));
        text("pciBusId", known(gpu.pciBusId()));
        gpu.pcie().ifPresent(pcie -> {
            json.writeNumberProperty("pcieGeneration", pcie.generation());
            json.writeNumberProperty("pcieWidth", pcie.width());
        });
        json.writeBooleanProperty("migEnabled", gpu.migEnabled());
        json.writeArrayPropertyStart("migInstances");
        for (var instance : gpu.mig()) {
            json.writeStartObject();
            json.writeStringProperty("uuid", instance.uuid());
            json.writeStringProperty("name", instance.name());
            json.writeNumberProperty("memoryBytes", instance.memoryBytes());
            json.writeEndObject();
        }
        json.writeEndArray();
        texts("nvlinks", gpu.nvlinks());
        place(gpu.place());
    }

    private void place(GpuPlace place) {
        text("numaNodes", known(place.numaNodes()));
        text("cpus", known(place.cpus()));
        json.writeArrayPropertyStart("paths");
        for (var path : place.paths()) {
            json.writeStartObject();
            json.writeNumberProperty("gpu", path.gpu());
            json.writeStringProperty("level", path.level().name());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void sample(GpuSample sample) {
        number("utilization", sample.utilization());
        sample.memory().ifPresent(memory -> {
            json.writeNumberProperty("memoryBytes", memory.total());
            json.writeNumberProperty("memoryUsedBytes", memory.used());
        });
        number("temperature", sample.temperature());
        watts("powerWatts", sample.powerMilliwatts());
        watts("powerLimitWatts", sample.powerLimitMilliwatts());
        number("smClockMhz", sample.smClockMhz());
        number("memoryClockMhz", sample.memoryClockMhz());
        sample.ecc().ifPresent(ecc -> {
            json.writeNumberProperty("eccCorrected", ecc.corrected());
            json.writeNumberProperty("eccUncorrected", ecc.uncorrected());
        });
    }

    private void process(GpuStatus.Occupant process) {
        json.writeStartObject();
        json.writeNumberProperty("pid", process.pid());
        number("memoryBytes", process.memoryBytes());
        owner(process.owner());
        process.leak().ifPresent(leak -> {
            json.writeObjectPropertyStart("growing");
            json.writeStringProperty("since", leak.since().toString());
            json.writeNumberProperty("fromBytes", leak.fromBytes());
            json.writeEndObject();
        });
        json.writeEndObject();
    }

    private void owner(ProcessOwner owner) {
        text("command", owner.command());
        text("job", owner.job());
        text("pod", owner.pod());
        text("container", owner.container());
    }

    private static Optional<String> known(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private void text(String name, Optional<String> value) {
        value.ifPresent(text -> json.writeStringProperty(name, text));
    }

    private void texts(String name, List<String> values) {
        json.writeArrayPropertyStart(name);
        values.forEach(json::writeString);
        json.writeEndArray();
    }

    private void time(String name, Optional<Instant> value) {
        value.ifPresent(time -> json.writeStringProperty(name, time.toString()));
    }

    private void number(String name, OptionalInt value) {
        value.ifPresent(number -> json.writeNumberProperty(name, number));
    }

    private void number(String name, OptionalLong value) {
        value.ifPresent(number -> json.writeNumberProperty(name, number));
    }

    private void watts(String name, OptionalInt milliwatts) {
        milliwatts.ifPresent(number -> json.writeNumberProperty(name, number / MILLI));
    }
}
