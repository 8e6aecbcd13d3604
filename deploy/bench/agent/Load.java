import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Sends the same bytes over and over: {@code URL BODY-FILE CONCURRENCY SECONDS [HEADER=VALUE …]}. {@code grpc://host:port} calls
 * ModelInfer, {@code http://…} posts. Each of the callers has one request under way. The first second is not counted. Ends with one
 * JSON line.
 */
final class Load {
    private static final int WARM_UP_SECONDS = 1;

    /** Latencies are counted by the microsecond, so that an hour takes no more memory than a second; longer ones count as so long. */
    private static final int LONGEST_MICROS = 2_000_000;

    /** One request and its answer. */
    interface Caller {
        void call() throws IOException;
    }

    public static void main(String[] arguments) throws Exception {
        var url = URI.create(arguments[0]);
        var body = Files.readAllBytes(Path.of(arguments[1]));
        int concurrency = Integer.parseInt(arguments[2]);
        int seconds = Integer.parseInt(arguments[3]);
        var headers = List.of(arguments).subList(4, arguments.length);
        var callers = new ArrayList<Caller>();
        for (int i = 0; i < concurrency; i++) {
            callers.add(url.getScheme().equals("grpc") ? grpc(url, body) : new Http(url, body, headers));
        }
        for (var caller : callers) {
            caller.call(); // connects, and loads what a client needs
        }
        long counting = System.nanoTime() + WARM_UP_SECONDS * 1_000_000_000L;
        long end = counting + seconds * 1_000_000_000L;
        var latencies = new AtomicIntegerArray(LONGEST_MICROS + 1);
        var answered = new AtomicLong();
        var threads = new ArrayList<Thread>();
        var failure = new Exception[1];
        for (int i = 0; i < concurrency; i++) {
            var caller = callers.get(i);
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    repeat(caller, counting, end, answered, latencies);
                } catch (IOException | RuntimeException failed) {
                    failure[0] = failed;
                }
            }));
        }
        for (var thread : threads) {
            thread.join();
        }
        if (failure[0] != null) {
            System.err.println(failure[0]);
            System.exit(1);
        }
        long counted = 0;
        for (int micros = 0; micros <= LONGEST_MICROS; micros++) {
            counted += latencies.get(micros);
        }
        System.out.printf(
                "{\"per_second\":%.2f,\"p50_us\":%d,\"p99_us\":%d,\"requests\":%d}%n",
                counted / (double) seconds,
                quantile(latencies, counted, 0.5),
                quantile(latencies, counted, 0.99),
                answered.get());
        System.exit(0);
    }

    private static void repeat(
            Caller caller, long counting, long end, AtomicLong answered, AtomicIntegerArray latencies)
            throws IOException {
        while (true) {
            long begin = System.nanoTime();
            caller.call();
            long now = System.nanoTime();
            answered.incrementAndGet();
            if (now >= end) {
                return;
            }
            if (now >= counting) {
                latencies.incrementAndGet((int) Math.min(LONGEST_MICROS, (now - begin) / 1000));
            }
        }
    }

    private static int quantile(AtomicIntegerArray latencies, long counted, double quantile) {
        long left = (long) Math.ceil(quantile * counted);
        for (int micros = 0; micros <= LONGEST_MICROS; micros++) {
            left -= latencies.get(micros);
            if (left <= 0 && counted > 0) {
                return micros;
            }
        }
        return -1;
    }

    private static ManagedChannel channel;

    /** All callers share a channel, as those of one client do. */
    private static Caller grpc(URI url, byte[] body) {
        if (channel == null) {
            channel = NettyChannelBuilder.forAddress(url.getHost(), url.getPort())
                    .usePlaintext()
                    .maxInboundMessageSize(1 << 30)
                    .build();
        }
        var bytes = new Marshaller<byte[]>() {
            @Override
            public InputStream stream(byte[] message) {
                return new ByteArrayInputStream(message);
            }

            @Override
            public byte[] parse(InputStream stream) {
                try {
                    stream.skipNBytes(stream.available());
                    return new byte[0];
                } catch (IOException impossible) {
                    throw new IllegalStateException(impossible);
                }
            }
        };
        var infer = MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName("inference.GRPCInferenceService/ModelInfer")
                .setRequestMarshaller(bytes)
                .setResponseMarshaller(bytes)
                .build();
        return () -> ClientCalls.blockingUnaryCall(channel, infer, CallOptions.DEFAULT, body);
    }

    /** A connection that is kept; as little of HTTP as an answer needs. */
    private static final class Http implements Caller {
        private final Socket socket;
        private final InputStream in;
        private final byte[] request;

        Http(URI url, byte[] body, List<String> headers) throws IOException {
            socket = new Socket(url.getHost(), url.getPort());
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(socket.getInputStream(), 64 << 10);
            var head = new StringBuilder("POST " + url.getPath() + " HTTP/1.1\r\nHost: " + url.getAuthority() + "\r\n");
            headers.forEach(header -> head.append(header.replaceFirst("=", ": ")).append("\r\n"));
            head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
            var begin = head.toString().getBytes(StandardCharsets.ISO_8859_1);
            request = Arrays.copyOf(begin, begin.length + body.length);
            System.arraycopy(body, 0, request, begin.length, body.length);
        }

        @Override
        public void call() throws IOException {
            socket.getOutputStream().write(request);
            var status = line();
            if (!status.startsWith("HTTP/1.1 200")) {
                throw new IOException("answered " + status);
            }
            long length = -1;
            for (var header = line(); !header.isEmpty(); header = line()) {
                if (header.regionMatches(true, 0, "content-length:", 0, 15)) {
                    length = Long.parseLong(header.substring(15).strip());
                }
            }
            if (length >= 0) {
                in.skipNBytes(length);
                return;
            }
            for (long chunk = chunk(); chunk > 0; chunk = chunk()) {
                in.skipNBytes(chunk + 2);
            }
            line();
        }

        private long chunk() throws IOException {
            return Long.parseLong(line().strip(), 16);
        }

        private String line() throws IOException {
            var line = new StringBuilder();
            for (int next = in.read(); next != '\n'; next = in.read()) {
                if (next < 0) {
                    throw new IOException("the server closed the connection");
                }
                if (next != '\r') {
                    line.append((char) next);
                }
            }
            return line.toString();
        }
    }
}
