package io.shusuan.agent.node;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the GPUs every few seconds, on a thread of its own: a driver that hangs holds up nothing else. NVML that is not there is tried again, since on
 * a new node the driver may come after the agent.
 */
public final class GpuWatch implements Supplier<GpuReport>, AutoCloseable {
    private static final Logger log = System.getLogger(GpuWatch.class.getName());

    private final Source source;
    private final ProcessTable processes;
    private final Clock clock;
    private final Duration interval;
    private final Thread thread;
    private final Map<Integer, GpuHistory> histories = new HashMap<>();
    private final Map<Integer, GpuDescription> descriptions = new HashMap<>();
    private final AtomicBoolean started = new AtomicBoolean();
    private volatile GpuReport latest = GpuReport.NOT_YET;
    private @Nullable Nvml nvml;
    private String said = "";
    private String saidOfXids = "";

    /** Where NVML comes from. */
    @FunctionalInterface
    public interface Source {
        Nvml open() throws NvmlUnavailableException;
    }

    public GpuWatch(Source source, Path proc, Clock clock, Duration interval) {
        this.source = source;
        this.processes = new ProcessTable(proc);
        this.clock = clock;
        this.interval = interval;
        this.thread = Thread.ofPlatform().daemon().name("gpus").unstarted(this::run);
    }

    /** What was seen last. The first call begins the watch: an agent that nobody asks does not look. */
    @Override
    public GpuReport get() {
        if (!started.getAndSet(true)) {
            thread.start();
        }
        return latest;
    }

    private void run() {
        try {
            while (true) {
                look();
                Thread.sleep(interval);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            end();
        }
    }

    GpuReport look() {
        var opened = nvml;
        try {
            if (opened == null) {
                opened = source.open();
                nvml = opened;
            }
            latest = report(opened, clock.instant());
            say(latest.problem().orElse(""));
        } catch (NvmlUnavailableException | NvmlException unavailable) {
            var why = Objects.toString(unavailable.getMessage());
            latest = GpuReport.without(why);
            say(why);
            end(); // a driver that was loaded anew does not know this process any more: the next look begins anew, too
        }
        return latest;
    }

    private void end() {
        var opened = nvml;
        nvml = null;
        if (opened != null) {
            opened.close();
        }
    }

    private void say(String problem) {
        if (!problem.equals(said)) {
            said = problem;
            log.log(Level.INFO, problem.isEmpty() ? "the GPUs are there" : "no GPUs: " + problem);
        }
    }

    private GpuReport report(Nvml opened, Instant now) throws NvmlException {
        hearOfXids(opened, now);
        var gpus = new ArrayList<GpuStatus>();
        Optional<String> problem =
                opened.count() == 0 ? Optional.of("the driver is there and sees no GPU") : Optional.empty();
        for (int index = 0; index < opened.count(); index++) {
            gpus.add(status(opened, index, now));
        }
        return new GpuReport(problem, Optional.of(opened.driver()), gpus);
    }

    /** Where the driver does not tell of errors, what it tells of the GPUs is of use all the same. */
    private void hearOfXids(Nvml opened, Instant now) {
        var untold = "";
        try {
            for (var xid : opened.newXids()) {
                log.log(Level.WARNING, "GPU {0} had error XID {1}", xid.gpu(), xid.number());
                history(xid.gpu()).xid(xid.number(), now);
            }
        } catch (NvmlException failed) {
            untold = Objects.toString(failed.getMessage());
        }
        if (!untold.equals(saidOfXids) && !untold.isEmpty()) {
            log.log(Level.WARNING, "the driver does not tell of XID errors: {0}", untold);
        }
        saidOfXids = untold;
    }

    private GpuStatus status(Nvml opened, int index, Instant now) {
        try {
            var description = opened.describe(index);
            descriptions.put(index, description);
            return history(index).answered(description, opened.sample(index), now, processes::owner);
        } catch (NvmlException failed) {
            var known = descriptions.computeIfAbsent(index, GpuDescription::unknown);
            return history(index).failed(known, failed, now);
        }
    }

    private GpuHistory history(int gpu) {
        return histories.computeIfAbsent(gpu, _ -> new GpuHistory());
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
