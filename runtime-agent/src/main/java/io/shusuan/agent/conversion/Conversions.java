package io.shusuan.agent.conversion;

import io.shusuan.agent.conversion.Conversion.State;
import io.shusuan.agent.engine.command.EngineProcess;
import io.shusuan.agent.inference.ServingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Conversions that callers have asked for: one runs at a time, in a process of its own, and a bounded number waits. What has ended is told
 * until enough others have.
 */
public final class Conversions implements AutoCloseable {
    private static final int MOST_WAITING = 16;
    private static final int MOST_ENDED = 100;
    private static final String MODEL = "model.onnx";

    private final Optional<EngineProcess> process;
    private final Folders folders;
    private final Clock clock;
    /** By their ids, oldest first. */
    private final Map<String, Conversion> known = new LinkedHashMap<>();

    private @Nullable Thread worker;
    private EngineProcess.@Nullable Running running;
    private boolean closed;

    /** Where models lie. */
    public interface Folders {
        /** @throws ServingException NOT_FOUND, or INVALID when several models have the name */
        Path of(String model);
    }

    /** @param process what runs conversions; empty where callers may not ask for any */
    public Conversions(Optional<EngineProcess> process, Folders folders, Clock clock) {
        this.process = process;
        this.folders = folders;
        this.clock = clock;
    }

    /** @throws ServingException when the order cannot be carried out, or too many wait */
    public synchronized Conversion submit(ConversionOrder order) {
        requireAllowed();
        var words = words(order);
        if (known.values().stream().filter(one -> one.state() == State.QUEUED).count() >= MOST_WAITING) {
            throw ServingException.unavailable(
                    MOST_WAITING + " conversions wait already: ask again when one of them has ended");
        }
        if (places().contains(order.place())) {
            throw ServingException.invalid("version " + order.outputVersion() + " of '" + order.model()
                    + "' is the place of another conversion that has not ended: name another output_version");
        }
        var conversion = Conversion.queued(UUID.randomUUID().toString(), order, words, clock.instant());
        known.put(conversion.id(), conversion);
        if (worker == null) {
            worker = Thread.ofPlatform().daemon().name("conversions").start(this::work);
        }
        notifyAll();
        return conversion;
    }

    private Set<String> places() {
        var places = new HashSet<String>();
        known.values().stream()
                .filter(one -> !one.state().isEnd())
                .forEach(one -> places.add(one.order().place()));
        return places;
    }

    /** What the command is told. Nothing of it is a path that the caller wrote. */
    private List<String> words(ConversionOrder order) {
        var folder = folders.of(order.model());
        var version = folder.resolve(Long.toString(order.version()));
        if (!Files.isRegularFile(version.resolve(MODEL))) {
            throw ServingException.notFound(
                    "version " + order.version() + " of '" + order.model() + "' has no " + MODEL);
        }
        var output = folder.resolve(Long.toString(order.outputVersion()));
        if (Files.exists(output)) {
            throw ServingException.invalid("'" + order.model() + "' has a version " + order.outputVersion()
                    + " already: name an output_version that it has not");
        }
        var samples = List.of(version.resolve("samples.npz"), folder.resolve("samples.npz")).stream()
                .filter(Files::isRegularFile)
                .findFirst()
                .orElseThrow(() -> ServingException.invalid("'" + order.model()
                        + "' has no samples.npz to calibrate and compare with: put it into the folder of the model or of its version "
                        + order.version()));
        var words = new ArrayList<>(List.of("convert", version.resolve(MODEL).toString()));
        words.addAll(List.of("--samples", samples.toString(), "--output", output.toString(), "--json"));
        words.addAll(order.words());
        return words;
    }

    public synchronized Conversion find(String id) {
        requireAllowed();
        var conversion = known.get(id);
        if (conversion == null) {
            throw ServingException.notFound(
                    "there is no conversion '" + id + "': those that wait or run are known, and the last " + MOST_ENDED
                            + " that ended since this server was started");
        }
        return conversion;
    }

    /** Oldest first. */
    public synchronized List<Conversion> all() {
        requireAllowed();
        return List.copyOf(known.values());
    }

    /** Ends one that waits or runs; one that has ended stays as it is. */
    public synchronized Conversion cancel(String id) {
        var conversion = find(id);
        if (conversion.state().isEnd()) {
            return conversion;
        }
        if (conversion.state() == State.RUNNING && running != null) {
            running.close();
        }
        return put(conversion.ended(State.CANCELLED, "somebody cancelled it", clock.instant()));
    }

    private void requireAllowed() {
        if (process.isEmpty()) {
            throw ServingException.unsupported(
                    "this server converts no models: start it with --allow-conversions=true");
        }
    }

    private Conversion put(Conversion conversion) {
        known.put(conversion.id(), conversion);
        var ended = known.values().stream().filter(one -> one.state().isEnd()).toList();
        ended.subList(0, Math.max(0, ended.size() - MOST_ENDED)).forEach(one -> known.remove(one.id()));
        return conversion;
    }

    private void work() {
        try {
            for (var next = next(); next.isPresent(); next = next()) {
                run(next.get());
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized Optional<Conversion> next() throws InterruptedException {
        while (!closed) {
            var waiting = known.values().stream()
                    .filter(one -> one.state() == State.QUEUED)
                    .findFirst();
            if (waiting.isPresent()) {
                return Optional.of(put(waiting.get().started(clock.instant())));
            }
            wait();
        }
        return Optional.empty();
    }

    private void run(Conversion conversion) throws InterruptedException {
        try (var command = start(conversion)) {
            if (command != null) {
                end(conversion, command.ending());
            }
        } catch (IOException failed) {
            end(conversion, new EngineProcess.Ending(1, "NOT_AVAILABLE: the conversion cannot be run: " + failed));
        }
    }

    private synchronized EngineProcess.@Nullable Running start(Conversion conversion) throws IOException {
        if (closed || find(conversion.id()).state().isEnd()) {
            return null;
        }
        running = process.orElseThrow().start(conversion.words());
        return running;
    }

    /** What has been cancelled meanwhile stays so. */
    private synchronized void end(Conversion conversion, EngineProcess.Ending ending) {
        running = null;
        var now = known.get(conversion.id());
        if (now != null && !now.state().isEnd()) {
            put(
                    switch (ending.code()) {
                        case EngineProcess.ACCEPTED -> now.ended(State.ACCEPTED, "", clock.instant());
                        case EngineProcess.REJECTED -> now.ended(State.REJECTED, "", clock.instant());
                        default -> now.ended(State.FAILED, ending.said(), clock.instant());
                    });
        }
    }

    /** Ends what runs; what waits is forgotten. */
    @Override
    public synchronized void close() {
        closed = true;
        if (running != null) {
            running.close();
        }
        notifyAll();
    }
}
