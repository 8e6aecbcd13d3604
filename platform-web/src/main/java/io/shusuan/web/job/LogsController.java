package io.shusuan.web.job;

import io.shusuan.api.job.JobLogs;
import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterHealth;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.LogReader;
import io.shusuan.scheduler.cluster.LogReader.Read;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/** The output of one attempt: followed live as rendered lines, or downloaded as it is. */
@Controller
class LogsController {

    private static final int FIRST_LINES = 2000;
    private static final int MAX_OPEN = 500;
    private static final Duration DOWNLOAD_WAIT = Duration.ofSeconds(5);

    private final JobLogs logs;
    private final Cluster cluster;
    private final Set<LogStream> open = ConcurrentHashMap.newKeySet();

    LogsController(JobLogs logs, Cluster cluster) {
        this.logs = logs;
        this.cluster = cluster;
    }

    /** The id of each event is the place behind its lines: a browser that comes back goes on from there by itself. */
    @GetMapping("/jobs/{uuid}/logs/live")
    SseEmitter live(
            @PathVariable UUID uuid,
            @RequestParam String attempt,
            @RequestParam(required = false) @Nullable String after,
            @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String lastEventId) {
        var place = lastEventId == null ? after : lastEventId;
        if (open.size() >= MAX_OPEN) {
            throw new ResponseStatusException(HttpStatus.SERVICE_UNAVAILABLE, "too many logs are being followed");
        }
        try {
            var log = logs.open(new JobId(uuid), null, attempt, place, FIRST_LINES, true);
            var stream = new LogStream(log, this::isAway, open::remove);
            open.add(stream);
            return stream.start();
        } catch (ClusterUnavailableException away) {
            return LogStream.away(); // a script is not told the status of a stream
        }
    }

    private boolean isAway() {
        return cluster.health() instanceof ClusterHealth.Unreachable;
    }

    /** Before the web server begins to wait for open requests. */
    @EventListener
    void closing(ContextClosedEvent closing) {
        open.forEach(LogStream::close);
    }

    @GetMapping("/jobs/{uuid}/logs/raw")
    ResponseEntity<StreamingResponseBody> raw(@PathVariable UUID uuid, @RequestParam String attempt)
            throws ClusterUnavailableException {
        var reader = logs.open(new JobId(uuid), null, attempt, null, -1, false).reader();
        var file = ContentDisposition.attachment()
                .filename("%s-%s.log".formatted(uuid, attempt.replaceAll("[^A-Za-z0-9._-]", "_")))
                .build();
        return ResponseEntity.ok()
                .header(HttpHeaders.CONTENT_DISPOSITION, file.toString())
                .contentType(new MediaType(MediaType.TEXT_PLAIN, StandardCharsets.UTF_8))
                .body(out -> {
                    try (reader;
                            var text = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8))) {
                        copy(reader, text);
                    }
                });
    }

    private static void copy(LogReader reader, Writer text) throws IOException {
        try {
            while (true) {
                switch (reader.next(DOWNLOAD_WAIT)) {
                    case Read.Line line -> {
                        text.write(line.text());
                        text.write('\n');
                    }
                    case Read.Quiet quiet -> {}
                    case Read.End end -> {
                        return;
                    }
                    case Read.Gone gone -> {
                        text.write(gone.why());
                        return;
                    }
                }
            }
        } catch (ClusterUnavailableException away) {
            throw new IOException(away); // a body may fail with nothing else
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }
}
