package io.shusuan.agent.repository;

import io.shusuan.agent.backend.BackendModel;
import io.shusuan.agent.backend.GpuMemory;
import io.shusuan.agent.backend.StandIn;
import io.shusuan.agent.config.ConfigDocument;
import io.shusuan.agent.config.ModelInterface;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.metrics.ModelStatistics;
import io.shusuan.agent.scheduling.Scheduler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One version of a model, ready to answer. */
public final class ServedModel {
    private final ModelId id;
    private final long version;
    private final ConfigDocument document;
    private final ModelInterface tensors;
    private final ModelStatistics statistics;
    private final Scheduler scheduler;
    private final Runnable release;
    private final Map<String, List<String>> labels;
    private final Optional<BackendModel> engine;

    /**
     * @param release frees what the scheduler worked with, once it is closed
     * @param engine what it runs on; empty for an ensemble
     */
    ServedModel(
            ModelId id,
            long version,
            ConfigDocument document,
            ModelInterface tensors,
            ModelStatistics statistics,
            Scheduler scheduler,
            Runnable release,
            Map<String, List<String>> labels,
            Optional<BackendModel> engine) {
        this.id = id;
        this.version = version;
        this.document = document;
        this.tensors = tensors;
        this.statistics = statistics;
        this.scheduler = scheduler;
        this.release = release;
        this.labels = Map.copyOf(labels);
        this.engine = engine;
    }

    public ModelId id() {
        return id;
    }

    public String name() {
        return id.name();
    }

    public long version() {
        return version;
    }

    public ModelConfig config() {
        return document.config();
    }

    /** The configuration with the places of its fields. */
    ConfigDocument document() {
        return document;
    }

    public ModelInterface tensors() {
        return tensors;
    }

    public ModelStatistics statistics() {
        return statistics;
    }

    /** The names of an output's classes, in the order of its elements; empty when the configuration names no label file. */
    public List<String> labels(String output) {
        return labels.getOrDefault(output, List.of());
    }

    /** Why it answers nothing more, although it was loaded; empty while all is well. */
    public Optional<String> failure() {
        return engine.flatMap(BackendModel::failure);
    }

    /** What it stands in for, when it is not the model that was asked for. */
    public Optional<StandIn> standIn() {
        return engine.flatMap(BackendModel::standIn);
    }

    /** What it takes of GPUs; empty where its engine does not count that. */
    public List<GpuMemory> gpuMemory() {
        return engine.map(BackendModel::gpuMemory).orElse(List.of());
    }

    /** Whether loading it again may bring what was asked for, although nothing has changed on disk. */
    boolean isMakeshift() {
        return standIn()
                .filter(standIn -> standIn.state() == StandIn.State.FAILED)
                .isPresent();
    }

    /** Requests that wait for an instance. */
    public int pending() {
        return scheduler.pending();
    }

    /**
     * Gives a checked request to the instances; true when it was taken over, false when this version is going away.
     *
     * @throws io.shusuan.agent.inference.ServingException when the queue is full; the request stays the caller's
     */
    boolean submit(InferenceRequest request, Completion completion) {
        return scheduler.submit(request, completion);
    }

    /** What began with the version before may go on with it. */
    void takePlaceOf(ServedModel before) {
        scheduler.takePlaceOf(before.scheduler);
    }

    /** Lets no request wait for others any more. */
    void hurry() {
        scheduler.hurry();
    }

    /** Serves what waits, then frees the model. False when that took longer than the deadline; the model then stays in memory. */
    boolean retire(Duration deadline) throws InterruptedException {
        scheduler.close();
        if (!scheduler.awaitClosed(deadline)) {
            return false;
        }
        release.run();
        return true;
    }
}
