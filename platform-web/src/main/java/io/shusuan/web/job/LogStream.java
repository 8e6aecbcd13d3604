package io.shusuan.web.job;

import io.shusuan.api.job.JobLogs;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.LogReader;
import io.shusuan.scheduler.cluster.LogReader.Read;
import java.io.IOException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Sends the lines of one log as they come, many at once when many have come. Says at its beginning that it is live, and ends
 * with saying that the cluster is away when it is: the browser comes back by itself to the place that it had got to.
 */
final class LogStream {

    private static final Logger LOG = LoggerFactory.getLogger(LogStream.class);
    private static final Duration LIFE = Duration.ofMinutes(30);
    private static final Duration WAIT = Duration.ofSeconds(10);
    private static final int MOST_AT_ONCE = 500;

    private final SseEmitter emitter = new SseEmitter(LIFE.toMillis());
    private final AnsiLine lines = new AnsiLine();
    private final JobLogs.Open log;
    private final BooleanSupplier isAway;
    private final Consumer<LogStream> afterwards;
    private volatile boolean closed;
    private volatile Thread thread = Thread.currentThread();

    LogStream(JobLogs.Open log, BooleanSupplier isAway, Consumer<LogStream> afterwards) {
        this.log = log;
        this.isAway = isAway;
        this.afterwards = afterwards;
    }

    /** The stream of a log that cannot be opened now. */
    static SseEmitter away() {
        var emitter = new SseEmitter(LIFE.toMillis());
        try {
            sayAway(emitter);
        } catch (IOException gone) {
            LOG.debug("log stream closed: {}", gone.toString());
        }
        emitter.complete();
        return emitter;
    }

    private static void sayAway(SseEmitter emitter) throws IOException {
        emitter.send(SseEmitter.event().name("away").data(""));
    }

    /** Once only. */
    SseEmitter start() {
        emitter.onCompletion(() -> closed = true);
        emitter.onTimeout(emitter::complete);
        emitter.onError(gone -> closed = true);
        thread = Thread.ofVirtual().name("log-stream").start(this::run);
        return emitter;
    }

    /** Ends it from outside, as when the platform stops. */
    void close() {
        closed = true;
        thread.interrupt();
    }

    private void run() {
        try (var reader = log.reader()) {
            emitter.send(SseEmitter.event().name("live").data(""));
            follow(reader);
        } catch (IOException | IllegalStateException | InterruptedException gone) {
            LOG.debug("log stream closed: {}", gone.toString());
        } finally {
            emitter.complete();
            afterwards.accept(this);
        }
    }

    private void follow(LogReader reader) throws IOException, InterruptedException {
        try {
            var more = true;
            while (!closed && more) {
                more = send(reader, reader.next(WAIT));
            }
        } catch (ClusterUnavailableException away) {
            sayAway(emitter);
        }
    }

    /** Returns whether more may come. */
    private boolean send(LogReader reader, Read first)
            throws IOException, ClusterUnavailableException, InterruptedException {
        return switch (first) {
            case Read.Quiet quiet -> {
                if (isAway.getAsBoolean()) {
                    sayAway(emitter);
                    yield false;
                }
                emitter.send(SseEmitter.event().comment("still here"));
                yield true;
            }
            case Read.End end -> {
                emitter.send(SseEmitter.event().name("end").data(""));
                yield false;
            }
            case Read.Gone gone -> {
                emitter.send(SseEmitter.event().name("lines").data(lines.html(gone.why())));
                emitter.send(SseEmitter.event().name("end").data(""));
                yield false;
            }
            case Read.Line line -> send(reader, line);
        };
    }

    private boolean send(LogReader reader, Read.Line first)
            throws IOException, ClusterUnavailableException, InterruptedException {
        var html = new StringBuilder(lines.html(first.text()));
        var place = log.place(first);
        for (var count = 1; count < MOST_AT_ONCE; count++) {
            var next = reader.next(Duration.ZERO);
            if (!(next instanceof Read.Line line)) {
                flush(place, html);
                return next instanceof Read.Quiet || send(reader, next);
            }
            html.append(lines.html(line.text()));
            place = log.place(line);
        }
        flush(place, html);
        return true;
    }

    private void flush(String place, StringBuilder html) throws IOException {
        emitter.send(SseEmitter.event().name("lines").id(place).data(html.toString()));
    }
}
