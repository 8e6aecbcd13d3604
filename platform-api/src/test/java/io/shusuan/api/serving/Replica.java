package io.shusuan.api.serving;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;

/** A model server as a task runs it: simple, and willing to misbehave. */
public final class Replica {

    private static final Semaphore STEPS = new Semaphore(0);
    private static final CountDownLatch GONE = new CountDownLatch(1);
    /** By the path of the request that was. */
    private static final ConcurrentMap<String, CountDownLatch> CUT = new ConcurrentHashMap<>();

    private Replica() {}

    public static void main(String[] arguments) throws IOException {
        var port = Integer.parseInt(System.getenv("PORT"));
        var server = HttpServer.create(new InetSocketAddress(System.getenv("HOST"), port), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", Replica::noticing);
        server.start();
    }

    private static void noticing(HttpExchange exchange) throws IOException {
        try {
            answer(exchange);
        } catch (IOException cut) {
            cut(exchange.getRequestURI().getPath()).countDown();
            throw cut;
        }
    }

    private static void answer(HttpExchange exchange) throws IOException {
        var path = exchange.getRequestURI().getRawPath();
        switch (path.substring(1, path.indexOf('/', 1) < 0 ? path.length() : path.indexOf('/', 1))) {
            case "mirror" -> mirror(exchange);
            case "count" -> count(exchange);
            case "refuse" -> refuse(exchange);
            case "cut" -> {
                await(cut(exchange.getRequestURI().getQuery()));
                text(exchange, 200, "cut");
            }
            case "zeros" -> zeros(exchange);
            case "steps" -> steps(exchange);
            case "step" -> {
                STEPS.release();
                text(exchange, 204, "");
            }
            case "endless" -> endless(exchange);
            case "gone" -> {
                await(GONE);
                text(exchange, 200, "gone");
            }
            case "slow" -> {
                STEPS.acquireUninterruptibly();
                text(exchange, 200, "at last");
            }
            case "zip" -> zip(exchange);
            case "odd" -> odd(exchange);
            case "close" -> exchange.close();
            case "half" -> half(exchange);
            case "exit" -> Runtime.getRuntime().halt(1);
            default -> echo(exchange);
        }
    }

    private static CountDownLatch cut(String path) {
        return CUT.computeIfAbsent(path, request -> new CountDownLatch(1));
    }

    /** What arrived, line by line. */
    private static void echo(HttpExchange exchange) throws IOException {
        var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        text(
                exchange,
                200,
                "%s %s\nreplica: %s\n%s\n\n%s"
                        .formatted(
                                exchange.getRequestMethod(),
                                exchange.getRequestURI(),
                                System.getenv("SHUSUAN_TASK_INDEX"),
                                exchange.getRequestHeaders().entrySet().stream()
                                        .flatMap(header -> header.getValue().stream()
                                                .map(value -> header.getKey().toLowerCase(java.util.Locale.ROOT) + ": "
                                                        + value))
                                        .collect(Collectors.joining("\n")),
                                body));
    }

    private static void mirror(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders()
                .set("Content-Type", exchange.getRequestHeaders().getFirst("Content-Type"));
        exchange.sendResponseHeaders(200, 0);
        try (exchange) {
            exchange.getResponseBody().flush();
            var in = exchange.getRequestBody();
            var piece = new byte[1 << 16];
            for (var count = in.read(piece); count >= 0; count = in.read(piece)) {
                exchange.getResponseBody().write(piece, 0, count);
                exchange.getResponseBody().flush();
            }
        }
    }

    /** Says no before the request is over, and would take the rest of it. */
    private static void refuse(HttpExchange exchange) throws IOException {
        try (exchange) {
            var no = "too much".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(413, no.length);
            exchange.getResponseBody().write(no);
            exchange.getResponseBody().flush();
            exchange.getRequestBody().transferTo(java.io.OutputStream.nullOutputStream());
        }
    }

    private static void count(HttpExchange exchange) throws IOException {
        try (var body = new DigestInputStream(exchange.getRequestBody(), MessageDigest.getInstance("SHA-256"))) {
            var bytes = body.transferTo(java.io.OutputStream.nullOutputStream());
            text(
                    exchange,
                    200,
                    bytes + " "
                            + HexFormat.of().formatHex(body.getMessageDigest().digest()));
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    private static void zeros(HttpExchange exchange) throws IOException {
        var query = exchange.getRequestURI().getQuery();
        var bytes = Long.parseLong(query.substring(query.indexOf('=') + 1));
        exchange.sendResponseHeaders(200, query.startsWith("chunked") ? 0 : bytes);
        var block = new byte[1 << 16];
        try (exchange) {
            for (var left = bytes; left > 0; left -= block.length) {
                exchange.getResponseBody().write(block, 0, (int) Math.min(block.length, left));
            }
        }
    }

    /** Three pieces, each when it is asked for. */
    private static void steps(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders()
                .set("Content-Type", exchange.getRequestURI().getQuery());
        exchange.sendResponseHeaders(200, 0);
        try (exchange) {
            for (var i = 1; i <= 3; i++) {
                STEPS.acquireUninterruptibly();
                exchange.getResponseBody().write(("piece " + i + "\n").getBytes(StandardCharsets.UTF_8));
                exchange.getResponseBody().flush();
            }
        }
    }

    private static void endless(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        try (exchange) {
            while (true) {
                exchange.getResponseBody().write("data: still here\n\n".getBytes(StandardCharsets.UTF_8));
                exchange.getResponseBody().flush();
                Thread.onSpinWait();
            }
        } catch (IOException nobodyListens) {
            GONE.countDown();
        }
    }

    private static void zip(HttpExchange exchange) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var zip = new GZIPOutputStream(packed)) {
            zip.write("packed by the replica".getBytes(StandardCharsets.UTF_8));
        }
        exchange.getResponseHeaders().set("Content-Encoding", "gzip");
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, packed.size());
        try (exchange) {
            packed.writeTo(exchange.getResponseBody());
        }
    }

    private static void odd(HttpExchange exchange) throws IOException {
        var headers = exchange.getResponseHeaders();
        headers.set("X-Model", "digits");
        headers.add("X-Many", "one");
        headers.add("X-Many", "two");
        headers.set("Location", "/elsewhere");
        headers.set("Set-Cookie", "shusuan-session=stolen; Path=/");
        headers.set("Connection", "X-Internal");
        headers.set("X-Internal", "between neighbours");
        headers.set("Cache-Control", "max-age=60");
        text(exchange, 307, "");
    }

    private static void half(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, exchange.getRequestURI().getQuery() == null ? 1000 : 0);
        exchange.getResponseBody().write("only this".getBytes(StandardCharsets.UTF_8));
        exchange.getResponseBody().flush();
        STEPS.acquireUninterruptibly();
        Runtime.getRuntime().halt(1);
    }

    private static void text(HttpExchange exchange, int status, String text) throws IOException {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 || isHead(exchange) ? -1 : bytes.length);
        try (exchange) {
            if (!isHead(exchange)) {
                exchange.getResponseBody().write(bytes);
            }
        }
    }

    private static boolean isHead(HttpExchange exchange) {
        return exchange.getRequestMethod().equals("HEAD");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static InputStream zeros(long bytes) {
        return new InputStream() {
            private long left = bytes;

            @Override
            public int read() {
                return left-- > 0 ? 0 : -1;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) {
                if (left <= 0) {
                    return -1;
                }
                var count = (int) Math.min(length, left);
                java.util.Arrays.fill(buffer, offset, offset + count, (byte) 0);
                left -= count;
                return count;
            }
        };
    }
}
