package io.shusuan.api.job;

import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.LogReader;
import io.shusuan.scheduler.cluster.LogReader.Read;
import io.shusuan.scheduler.job.JobNotFoundException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/** The output of tasks: as plain text, or as events that can be resumed. */
@RestController
@RequestMapping("/api/v1/jobs/{id}/logs")
@Tag(name = "Jobs")
class LogController {

    private static final Logger log = LoggerFactory.getLogger(LogController.class);
    private static final MediaType PLAIN = new MediaType(MediaType.TEXT_PLAIN, StandardCharsets.UTF_8);
    private static final Duration QUIET = Duration.ofSeconds(10);

    private final KnownJobs jobs;
    private final JobLogs logs;

    LogController(KnownJobs jobs, JobLogs logs) {
        this.jobs = jobs;
        this.logs = logs;
    }

    @GetMapping(produces = MediaType.TEXT_EVENT_STREAM_VALUE)
    @Operation(
            summary = "Follow the output of a task",
            description = "Server-sent events 'line'; the id of each is the place to resume from (Last-Event-ID)."
                    + " Event 'end' closes the stream when the attempt has ended, 'gone' when nothing is left of its output, 'unreachable' when the cluster stops"
                    + " answering: resume later.")
    @ApiResponse(
            responseCode = "200",
            content =
                    @Content(
                            mediaType = MediaType.TEXT_EVENT_STREAM_VALUE,
                            schema = @Schema(type = "string"),
                            examples = @ExampleObject(name = "follow", value = JobExamples.EVENTS)))
    SseEmitter events(
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String task,
            @RequestParam(required = false) @Nullable String attempt,
            @RequestParam(defaultValue = "true") boolean follow,
            @RequestParam(defaultValue = "-1") int tail,
            @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String last)
            throws ClusterUnavailableException {
        var open = logs.open(jobs.get(id).id(), task, attempt, last, tail, follow);
        var emitter = new SseEmitter(0L);
        Thread.ofVirtual().name("log-stream").start(() -> send(open, emitter));
        return emitter;
    }

    private static void send(JobLogs.Open open, SseEmitter emitter) {
        try (var reader = open.reader()) {
            sendLines(open, reader, emitter);
        } catch (IOException | IllegalStateException gone) {
            log.debug("log stream ended: {}", gone.toString());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } finally {
            complete(emitter);
        }
    }

    private static void sendLines(JobLogs.Open open, LogReader reader, SseEmitter emitter)
            throws IOException, InterruptedException {
        try {
            while (true) {
                switch (reader.next(QUIET)) {
                    case Read.Line line ->
                        emitter.send(SseEmitter.event()
                                .name("line")
                                .id(open.place(line))
                                .data(data(line.text()), PLAIN));
                    // Keeps the connection and finds out whether anybody still listens.
                    case Read.Quiet quiet -> emitter.send(SseEmitter.event().comment("quiet"));
                    case Read.End end -> {
                        emitter.send(SseEmitter.event().name("end").data(open.attempt()));
                        return;
                    }
                    case Read.Gone gone -> {
                        emitter.send(SseEmitter.event().name("gone").data(gone.why(), PLAIN));
                        return;
                    }
                }
            }
        } catch (ClusterUnavailableException away) {
            emitter.send(SseEmitter.event().name("unreachable").data(away.getMessage(), PLAIN));
        }
    }

    private static void complete(SseEmitter emitter) {
        try {
            emitter.complete();
        } catch (IllegalStateException gone) {
            log.debug("log stream was gone before its end: {}", gone.toString());
        }
    }

    /**
     * A reader of events takes one space away from the front and lets a carriage return end the line: so one is put there,
     * and what a progress bar overwrites comes as lines of one event.
     */
    private static String data(String line) {
        return " " + line.replace("\r", "\n").replace("\n", "\n ");
    }

    /** Also for whoever takes anything: only a reader of events asks for those by name. */
    @GetMapping(produces = {MediaType.TEXT_PLAIN_VALUE, MediaType.ALL_VALUE})
    @Operation(summary = "The output of a task as text")
    @ApiResponse(
            responseCode = "200",
            content = @Content(mediaType = MediaType.TEXT_PLAIN_VALUE, schema = @Schema(type = "string")))
    ResponseEntity<StreamingResponseBody> text(
            @PathVariable String id,
            @RequestParam(required = false) @Nullable String task,
            @RequestParam(required = false) @Nullable String attempt,
            @RequestParam(defaultValue = "false") boolean follow,
            @RequestParam(defaultValue = "-1") int tail)
            throws ClusterUnavailableException {
        var open = logs.open(jobs.get(id).id(), task, attempt, null, tail, follow);
        return ResponseEntity.ok()
                .header("Content-Type", "text/plain;charset=utf-8")
                .header("X-Attempt", open.attempt())
                .body(out -> write(open, follow, out));
    }

    private static void write(JobLogs.Open open, boolean follow, OutputStream out) throws IOException {
        try (var reader = open.reader()) {
            while (true) {
                switch (reader.next(QUIET)) {
                    case Read.Line line -> {
                        out.write((line.text() + "\n").getBytes(StandardCharsets.UTF_8));
                        if (follow) {
                            out.flush();
                        }
                    }
                    case Read.Quiet quiet -> out.flush();
                    case Read.End end -> {
                        return;
                    }
                    case Read.Gone gone -> throw new JobNotFoundException(gone.why());
                }
            }
        } catch (ClusterUnavailableException | JobNotFoundException told) {
            throw new IOException(told); // a body may fail with nothing else
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
