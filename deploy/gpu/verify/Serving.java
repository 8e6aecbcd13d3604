import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The agent with the engines that were built: what it answers, and how fast beside the bare loop. */
final class Serving {
    private static final int STREAMS = 2;
    /** A stream has one request under way and one behind it; a third is on its way to the caller and back. */
    private static final int CALLERS = 3 * STREAMS;
    private static final String CONFIG = """
            backend: "tensorrt"
            max_batch_size: %d
            instance_group [ { kind: KIND_GPU count: %d } ]
            """;

    private Serving() {}

    static String config(int instances) {
        return CONFIG.formatted(Setting.BATCH, instances);
    }

    /** The same, with shapes that come again as CUDA graphs. */
    private static String withGraphs(int instances) {
        return config(instances) + "optimization { cuda { graphs: true } }\n";
    }

    private static Path repository(Setting setting, String name, int instances, List<String> precisions) throws IOException {
        var repository = setting.fresh(name);
        for (var kind : List.of("resnet50", "transformer")) {
            for (var precision : precisions) {
                if (Engines.isThere(setting, kind, precision)) {
                    Tensors.place(repository, kind + "-" + precision, setting.engine(kind, precision).resolve("model.plan"), config(instances));
                }
            }
        }
        return repository;
    }

    /** Every engine answers as ONNX Runtime did, at several batches. */
    static void serve(Setting setting, Outcome outcome) throws IOException, InterruptedException {
        var repository = repository(setting, "served", 1, Setting.PRECISIONS);
        try (var agent = new ServedAgent(setting, repository); var models = Files.list(repository)) {
            for (var folder : models.filter(Files::isDirectory).sorted().toList()) {
                var model = folder.getFileName().toString();
                var tensors = Tensors.of(setting, model.substring(0, model.lastIndexOf('-')), model);
                for (int batch : List.of(1, 3, Setting.BATCH)) {
                    double error = tensors.error(agent.answer(tensors, batch));
                    double limit = model.endsWith("32") || model.endsWith("16") ? 1 : 8;
                    // far beyond the limit it computes something else, which is no matter of precision
                    outcome.check(error < 50, "%s answers a batch of %d as ONNX Runtime does".formatted(model, batch));
                    if (batch == Setting.BATCH) {
                        outcome.atMost("mean error of the answers of " + model, error, "%", limit);
                    }
                }
            }
        }
    }

    static void measure(Setting setting, Outcome outcome) throws IOException, InterruptedException {
        for (var model : List.of("resnet50", "transformer")) {
            if (!Engines.isThere(setting, model, "fp16")) {
                outcome.skip("throughput and latency of " + model, "there is no FP16 engine of it");
                continue;
            }
            throughput(setting, outcome, model);
            latency(setting, outcome, model);
        }
    }

    private static void throughput(Setting setting, Outcome outcome, String kind) throws IOException, InterruptedException {
        graphs(setting, outcome, kind);
        try (var agent = new ServedAgent(setting, repository(setting, "measured", STREAMS, List.of("fp16")))) {
            var tensors = Tensors.of(setting, kind, kind + "-fp16");
            for (int batch : setting.batches()) {
                var bare = bare(setting, kind, batch, STREAMS);
                var what = kind + " FP16, batch " + batch + ", " + STREAMS + " streams";
                double shared = batch * rate(load(setting, agent, tensors, batch, CALLERS, Way.SYSTEM_MEMORY));
                double overHttp = batch * rate(load(setting, agent, tensors, batch, CALLERS, Way.HTTP));
                outcome.figure(what + ": the bare enqueue loop", Json.number(bare, "enqueuedPerSecond"), "samples/s");
                outcome.figure(what + ": the bare loop with copies", Json.number(bare, "copiedPerSecond"), "samples/s");
                outcome.figure(what + ": served, tensors in system shared memory", shared, "samples/s");
                outcome.figure(what + ": served, tensors over HTTP", overHttp, "samples/s");
                outcome.atLeast(what + ": share of the bare enqueue loop", 100 * shared / Json.number(bare, "enqueuedPerSecond"), "%", 95);
                outcome.figure(what + ": share of the loop with copies", 100 * shared / Json.number(bare, "copiedPerSecond"), "%");
            }
        }
    }

    /** Where launching kernels takes longer than running them, which is so for small batches, graphs exceed the bare loop. */
    private static void graphs(Setting setting, Outcome outcome, String kind) throws IOException, InterruptedException {
        var repository = setting.fresh("graphs");
        Tensors.place(repository, kind, setting.engine(kind, "fp16").resolve("model.plan"), withGraphs(STREAMS));
        var tensors = Tensors.of(setting, kind, kind);
        try (var agent = new ServedAgent(setting, repository)) {
            for (int batch : setting.batches()) {
                var what = kind + " FP16, batch " + batch + ", " + STREAMS + " streams";
                double shared = batch * rate(load(setting, agent, tensors, batch, CALLERS, Way.SYSTEM_MEMORY));
                outcome.figure(what + ": served with CUDA graphs, tensors in system shared memory", shared, "samples/s");
                double error = tensors.error(agent.answer(tensors, batch));
                outcome.check(error < 50, what + ": graphs answer as ONNX Runtime does");
            }
        }
    }

    private static void latency(Setting setting, Outcome outcome, String kind) throws IOException, InterruptedException {
        var bare = bare(setting, kind, 1, 1);
        try (var agent = new ServedAgent(setting, repository(setting, "measured", 1, List.of("fp16")))) {
            var tensors = Tensors.of(setting, kind, kind + "-fp16");
            double median = Json.number(load(setting, agent, tensors, 1, 1, Way.SYSTEM_MEMORY), "p50_us");
            outcome.figure(kind + " FP16, c1: p50 with system shared memory", median, "µs");
            outcome.figure(kind + " FP16, c1: p50 of the bare loop with copies", Json.number(bare, "copiedP50Micros"), "µs");
            outcome.figure(kind + " FP16, c1: p50 added, with system shared memory", median - Json.number(bare, "copiedP50Micros"), "µs");
            double onDevice = Json.number(load(setting, agent, tensors, 1, 1, Way.CUDA_MEMORY), "p50_us");
            outcome.figure(kind + " FP16, c1: p50 with CUDA shared memory", onDevice, "µs");
            outcome.figure(kind + " FP16, c1: p50 of the bare enqueue loop", Json.number(bare, "enqueuedP50Micros"), "µs");
            outcome.atMost(kind + " FP16, c1: p50 added, with CUDA shared memory", onDevice - Json.number(bare, "enqueuedP50Micros"), "µs", 100);
        }
    }

    private static Object bare(Setting setting, String kind, int batch, int streams) throws IOException, InterruptedException {
        var done = Command.engine(
                setting, "profile", setting.engine(kind, "fp16").resolve("model.plan"), "--samples", setting.models().resolve(kind + ".npz"),
                "--batch", batch, "--streams", streams, "--seconds", setting.rehearsal() ? 0.5 : setting.seconds(), "--json");
        if (done.code() != 0) {
            throw new IOException("the bare loop: " + done.said());
        }
        return Json.read(done.out());
    }

    static double rate(Object load) {
        return Json.number(load, "per_second");
    }

    /** How tensors come and go. */
    enum Way {
        HTTP,
        SYSTEM_MEMORY,
        CUDA_MEMORY
    }

    private static SharedTensors shared(ServedAgent agent, Tensors tensors, int batch, Way way) throws IOException, InterruptedException {
        return switch (way) {
            case HTTP -> null;
            case SYSTEM_MEMORY -> SharedTensors.ofSystem(agent, tensors, batch);
            case CUDA_MEMORY -> SharedTensors.ofCuda(agent, tensors, batch);
        };
    }

    /** What callers see who send the same over and over; that some request failed, or that the answer is another one, is a failure of the load. */
    static Object load(Setting setting, ServedAgent agent, Tensors tensors, int batch, int callers, Way way)
            throws IOException, InterruptedException {
        var body = Files.createTempFile("verify-body", "");
        try (var shared = shared(agent, tensors, batch, way)) {
            var request = tensors.request(batch);
            Files.write(body, shared != null ? tensors.requestInMemory(batch, "in", "out") : request.bytes());
            var words = new ArrayList<>(List.of(
                    setting.java(), "-XX:+UseSerialGC", "-Xmx512m", "--sun-misc-unsafe-memory-access=allow", "-cp", System.getProperty("java.class.path"),
                    "Load", agent.http() + "/v2/models/" + tensors.model() + "/infer", body.toString(), Integer.toString(callers),
                    Integer.toString(setting.seconds())));
            if (shared == null) {
                words.add("Inference-Header-Content-Length=" + request.head());
            }
            var done = Command.run(words);
            if (done.code() != 0) {
                throw new IOException("load on " + tensors.model() + " failed: " + done.said());
            }
            if (shared != null && !(tensors.error(Tensors.floats(shared.answer(), 0)) < 50)) {
                throw new IOException("what load on " + tensors.model() + " left in shared memory is no answer to what was sent");
            }
            return Json.read(done.out().strip().lines().reduce("", (_, last) -> last));
        } finally {
            Files.delete(body);
        }
    }
}
