package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.LogQuery;
import io.shusuan.scheduler.cluster.LogReader;
import io.shusuan.scheduler.cluster.LogReader.Read.Line;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The log of one attempt. A thread of its own reads what the API server passes on from the kubelet and hands the lines
 * over through a bounded queue, so that {@link #next} waits no longer than it is told to; a reader that does not keep up
 * slows the kubelet down. While following, a connection that breaks is made again from where the log had been read to;
 * a log that could not be opened once is unavailable.
 */
final class PodLog implements LogReader {

    private static final String GONE =
            "Its log is gone: Kubernetes keeps the log of a pod as long as the pod, and of a restarted task only the last two runs.";

    private static final int QUEUE = 1000;
    private static final int MAX_LINE = 256 * 1024;
    private static final Duration SHORT_PAUSE = Duration.ofMillis(300);
    private static final Duration LONG_PAUSE = Duration.ofSeconds(3);

    /** Where the log of an attempt is found just now. */
    sealed interface Place {

        /** @param previous it is of the container's run before the latest one */
        record Of(String namespace, String pod, boolean previous) implements Place {}

        record NotThereYet() implements Place {}

        record Gone() implements Place {}
    }

    /**
     * The place of a run's log: a restart makes the latest run the one before, and the kubelet keeps no more than these
     * two. While it waits to start the container again it takes the latest run for both.
     */
    static Place find(Optional<Pod> found, int run) {
        if (found.isEmpty()) {
            return new Place.Gone();
        }
        Pod pod = found.get();
        var container = pod.getStatus().getContainerStatuses().stream().findFirst();
        int latest = container.map(PodAttempts::restarts).orElse(0);
        boolean waits = container
                .filter(each -> each.getState() != null && each.getState().getWaiting() != null)
                .isPresent();
        if (run > latest) {
            return new Place.NotThereYet();
        }
        if (run < latest - 1 || (run == latest - 1 && waits)) {
            return new Place.Gone();
        }
        return new Place.Of(pod.getMetadata().getNamespace(), pod.getMetadata().getName(), run < latest);
    }

    private sealed interface Item {
        record Got(Read read) implements Item {}

        record Unavailable(ClusterUnavailableException why) implements Item {}
    }

    private final ApiServer api;
    private final Supplier<Place> place;
    private final BooleanSupplier over;
    private final boolean follow;
    private final int tailLines;
    private final LogPosition position;
    private final BlockingQueue<Item> items = new ArrayBlockingQueue<>(QUEUE);
    private final Thread reader;
    private final Duration timeout;
    private volatile long heard = System.nanoTime();
    private volatile boolean opened;
    private volatile boolean closed;
    private volatile @Nullable CompletableFuture<?> opening;
    private volatile @Nullable InputStream stream;
    private boolean ended;

    /**
     * @param place where the log is now
     * @param over whether the attempt has ended, so that its log does not grow any more
     */
    PodLog(ApiServer api, Supplier<Place> place, BooleanSupplier over, LogQuery query) {
        this.api = api;
        this.timeout = Duration.ofMillis(api.client().getConfiguration().getRequestTimeout());
        this.place = place;
        this.over = over;
        this.follow = query.follow();
        this.tailLines = query.after() == null ? query.tailLines() : -1;
        this.position = new LogPosition(query.after());
        this.reader = Thread.ofVirtual().name("kubernetes-log").start(this::readAll);
    }

    @Override
    public Read next(Duration wait) throws IOException, ClusterUnavailableException, InterruptedException {
        if (ended) {
            return new Read.End();
        }
        Item item = items.poll(wait.toNanos(), TimeUnit.NANOSECONDS);
        return switch (item) {
            case null -> quiet();
            case Item.Got(Read read) -> {
                ended = read instanceof Read.End || read instanceof Read.Gone;
                yield read;
            }
            case Item.Unavailable(ClusterUnavailableException why) -> {
                ended = true;
                throw why;
            }
        };
    }

    /** What is followed may be quiet for as long as it likes; the rest is there and has to come. */
    private Read quiet() throws ClusterUnavailableException {
        if (!follow && System.nanoTime() - heard > 2 * timeout.toNanos()) {
            ended = true;
            throw api.silence(new TimeoutException());
        }
        return new Read.Quiet();
    }

    @Override
    public void close() {
        closed = true;
        reader.interrupt();
        var waiting = opening;
        if (waiting != null) {
            waiting.cancel(true);
        }
        closeQuietly(stream);
    }

    /** What came of opening the log once and reading it to its end. */
    private enum Outcome {
        READ,
        NOT_THERE_YET,
        GONE,
        BROKEN
    }

    private void readAll() {
        try {
            while (!closed) {
                boolean wasOver = over.getAsBoolean(); // asked before reading: what it wrote last is there then
                switch (readOnce()) {
                    case READ, NOT_THERE_YET -> {
                        if (!follow || wasOver) {
                            items.put(new Item.Got(new Read.End()));
                            return;
                        }
                        Thread.sleep(SHORT_PAUSE);
                    }
                    case GONE -> {
                        items.put(new Item.Got(position.from() == null ? new Read.Gone(GONE) : new Read.End()));
                        return;
                    }
                    case BROKEN -> Thread.sleep(LONG_PAUSE);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        } catch (ClusterUnavailableException why) {
            if (!closed && !items.offer(new Item.Unavailable(why))) {
                items.clear();
                items.add(new Item.Unavailable(why));
            }
        }
    }

    private Outcome readOnce() throws ClusterUnavailableException, InterruptedException {
        return switch (place.get()) {
            case Place.Of there -> readOnce(there);
            case Place.NotThereYet _ -> Outcome.NOT_THERE_YET;
            case Place.Gone _ -> Outcome.GONE;
        };
    }

    private Outcome readOnce(Place.Of there) throws ClusterUnavailableException, InterruptedException {
        HttpResponse<InputStream> response;
        try {
            response = open(there);
        } catch (CancellationException e) {
            return Outcome.BROKEN; // closed meanwhile
        } catch (ExecutionException | TimeoutException failure) {
            return broken(api.silence(failure));
        }
        heard = System.nanoTime();
        InputStream body = response.body();
        stream = body;
        try (body) {
            return switch (response.code()) {
                case 200 -> read(body);
                case 404 -> Outcome.GONE;
                case 204 -> Outcome.NOT_THERE_YET; // the pod has no node
                case 400 -> Outcome.NOT_THERE_YET; // the container has not started, or has no run before this one
                default -> broken(api.unavailable(response.code(), said(body)));
            };
        } catch (IOException failure) {
            return broken(api.silence(failure));
        }
    }

    /** The log of a container that says nothing is not answered before it does: only what is not followed has a deadline. */
    private HttpResponse<InputStream> open(Place.Of there)
            throws InterruptedException, ExecutionException, TimeoutException {
        var http = api.client().getHttpClient();
        var future = http.sendAsync(http.newHttpRequestBuilder().uri(uri(there)).build(), InputStream.class);
        opening = future;
        if (follow) {
            return future.get();
        }
        try {
            return future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException noAnswer) {
            future.cancel(true);
            throw noAnswer;
        }
    }

    private String said(InputStream body) throws IOException {
        String text = new String(body.readNBytes(10_000), StandardCharsets.UTF_8);
        try {
            Status status = api.client().getKubernetesSerialization().unmarshal(text, Status.class);
            return status == null || status.getMessage() == null ? text : status.getMessage();
        } catch (RuntimeException notInJson) {
            return text;
        }
    }

    private Outcome broken(ClusterUnavailableException why) throws ClusterUnavailableException {
        if (follow && opened) {
            return Outcome.BROKEN;
        }
        throw why;
    }

    private Outcome read(InputStream body) throws IOException, InterruptedException {
        opened = true;
        position.opened();
        var line = new ByteArrayOutputStream();
        var buffer = new byte[16 * 1024];
        for (int length = body.read(buffer); length >= 0; length = body.read(buffer)) {
            heard = System.nanoTime();
            for (int i = 0; i < length; i++) {
                if (buffer[i] == '\n') {
                    hand(position.read(line.toString(StandardCharsets.UTF_8)));
                    line.reset();
                } else if (line.size() < MAX_LINE) {
                    line.write(buffer[i]);
                }
            }
        }
        if (line.size() > 0 && over.getAsBoolean()) {
            hand(position.read(line.toString(StandardCharsets.UTF_8))); // a last line without its end
        }
        hand(position.ended());
        return Outcome.READ;
    }

    private void hand(List<Line> lines) throws InterruptedException {
        for (Line each : lines) {
            items.put(new Item.Got(each));
        }
    }

    private String uri(Place.Of log) {
        var uri = new StringBuilder(api.client().getMasterUrl().toString())
                .append("api/v1/namespaces/")
                .append(log.namespace())
                .append("/pods/")
                .append(log.pod())
                .append("/log?timestamps=true&container=")
                .append(PodTemplates.CONTAINER);
        if (follow) {
            uri.append("&follow=true");
        }
        if (log.previous()) {
            uri.append("&previous=true");
        }
        var from = position.from();
        if (from != null) {
            uri.append("&sinceTime=").append(URLEncoder.encode(from.toString(), StandardCharsets.UTF_8));
        } else if (tailLines >= 0) {
            uri.append("&tailLines=").append(tailLines);
        }
        return uri.toString();
    }

    private static void closeQuietly(@Nullable InputStream stream) {
        if (stream == null) {
            return;
        }
        try {
            stream.close();
        } catch (IOException e) {
            // nothing is lost: what it would have told is not wanted
        }
    }
}
