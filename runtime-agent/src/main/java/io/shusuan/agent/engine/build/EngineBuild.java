package io.shusuan.agent.engine.build;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.conversion.OutputFolder;
import io.shusuan.agent.engine.gate.Accuracy;
import io.shusuan.agent.engine.gate.Latency;
import io.shusuan.agent.engine.gate.Limits;
import io.shusuan.agent.engine.graph.GraphCheck;
import io.shusuan.agent.engine.graph.OnnxOutline;
import io.shusuan.agent.engine.graph.Sha256;
import io.shusuan.agent.engine.onnx.ModelProto;
import io.shusuan.agent.engine.sample.Samples;
import io.shusuan.agent.engine.session.Session;
import io.shusuan.agent.engine.session.SessionSettings;
import io.shusuan.agent.engine.session.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;

/** One build: what it makes is known by {@link #key} before anything is made. */
public final class EngineBuild {
    private static final Duration MEASURED = Duration.ofSeconds(1);
    private static final int LARGEST_PORTION = 8;
    private static final int MADE_UP = 32;

    private final BuildRequest request;
    private final Platform platform;
    private final OnnxOutline outline;
    private final List<TensorType> inputs;
    private final BuildOptions options;
    private final Limits limits;
    private final EngineKey key;

    private EngineBuild(
            BuildRequest request, Platform platform, OnnxOutline outline, BuildOptions options, Limits limits)
            throws EngineException {
        this.request = request;
        this.platform = platform;
        this.outline = outline;
        this.inputs = ModelInputs.of(outline.model());
        this.options = options;
        this.limits = limits;
        this.key = EngineKey.of(outline.sha256(), platform, options.settings(), gates());
    }

    /** Reads the model, without its weights, and settles the profiles. */
    public static EngineBuild prepare(BuildRequest request, Platform platform) throws EngineException {
        var outline = OnnxOutline.read(request.model());
        var inputs = ModelInputs.of(outline.model());
        var given = request.options().settings().profiles();
        var profiles = given.isEmpty() ? List.of(request.expected().profile(inputs)) : given;
        for (var profile : profiles) {
            profile.check(inputs);
        }
        var limits = request.options().limits(isQuantised(outline.model()));
        return new EngineBuild(request, platform, outline, request.options().with(profiles), limits);
    }

    private static boolean isQuantised(ModelProto model) {
        return model.getGraph().getNodeList().stream()
                .anyMatch(node -> node.getOpType().equals("QuantizeLinear"));
    }

    private String gates() throws EngineException {
        var original = request.original().isPresent()
                ? OnnxOutline.read(request.original().get()).sha256()
                : "the model itself";
        var samples = request.samples().isPresent()
                ? Sha256.of(List.of(request.samples().get()))
                : "made up";
        return "compared with " + original + "\nsamples " + samples + "\n" + limits;
    }

    public EngineKey key() {
        return key;
    }

    /** The largest batch that one of the profiles takes. */
    public int largestBatch() {
        return options.settings().profiles().stream()
                .mapToInt(ShapeProfile::largestBatch)
                .max()
                .orElse(1);
    }

    /** What a command would have to be told to build the same, and keep it there. */
    public List<String> words(EngineCache cache) {
        var words = new ArrayList<>(List.of("build", request.model().toString(), "--gpu=" + request.gpu()));
        words.addAll(options.words());
        request.original().ifPresent(original -> words.add("--original=" + original));
        request.samples().ifPresent(samples -> words.add("--samples=" + samples));
        words.addAll(cache.words());
        return words;
    }

    /** The engine, accepted or rejected, from the cache or built now. */
    public BuiltEngine run(PlanMaker maker, EngineCache cache) throws EngineException, InterruptedException {
        return cache.get(key, entry -> build(maker, cache, entry));
    }

    private void build(PlanMaker maker, EngineCache cache, Path entry) throws EngineException, IOException {
        GraphCheck.sorted(outline.model());
        var onnx = entry.resolve(BuiltEngine.ONNX);
        keepModel(onnx);
        var plan = entry.resolve(BuiltEngine.PLAN);
        long begin = System.nanoTime();
        maker.build(new PlanMaker.Order(request.gpu(), onnx, options.settings(), plan, cache.timings(platform)));
        var took = Duration.ofNanos(System.nanoTime() - begin);
        var report = judge(maker, plan, took);
        Files.writeString(entry.resolve(BuiltEngine.REPORT), report.json() + "\n");
        OutputFolder.reject(entry, report.failures());
    }

    /** With the files its weights lie in, at the same places beside it. */
    private void keepModel(Path onnx) throws IOException {
        Files.copy(outline.files().getFirst(), onnx);
        var from = request.model().resolveSibling("").toRealPath();
        for (var data : outline.files().subList(1, outline.files().size())) {
            var to = onnx.resolveSibling(from.relativize(data).toString());
            Files.createDirectories(to.getParent());
            Files.copy(data, to);
        }
    }

    private BuildReport judge(PlanMaker maker, Path plan, Duration took) throws EngineException, IOException {
        var original = request.original().orElse(request.model());
        try (var before = Session.open(original, SessionSettings.serving(1));
                var after = maker.open(plan, request.gpu(), options.settings())) {
            var profile = options.settings().profiles().getFirst();
            int portion = Math.min(LARGEST_PORTION, profile.largestBatch());
            var batches = samples(profile).batches(before.inputs(), portion);
            var accuracy = Accuracy.compare(before, after, batches);
            var latency = Latency.measure(before, after, batches.get(0), 1, MEASURED);
            return new BuildReport(
                    platform,
                    key,
                    Files.size(plan),
                    took,
                    request.samples().isPresent(),
                    accuracy,
                    latency,
                    limits.failures(accuracy, Optional.of(latency)));
        }
    }

    private Samples samples(ShapeProfile profile) throws EngineException {
        if (request.samples().isPresent()) {
            return Samples.read(request.samples().get());
        }
        var rows = new HashMap<String, long[]>();
        var sizes = new HashMap<String, long[]>();
        boolean whole = inputs.stream().anyMatch(input -> input.shape().length == 0 || profile.hasValues(input));
        for (var input : inputs) {
            var usual = profile.range(input.name()).opt();
            if (profile.hasValues(input)) {
                sizes.put(input.name(), usual.toArray());
            } else {
                rows.put(input.name(), (whole ? usual : usual.withoutBatch()).toArray());
            }
        }
        if (whole) {
            return Samples.madeUp(inputs, rows, sizes, MADE_UP);
        }
        int portion = (int) inputs.stream()
                .mapToLong(input -> input.shape()[0])
                .filter(rowsAtOnce -> rowsAtOnce > 0)
                .max()
                .orElse(1);
        return Samples.madeUp(inputs, rows, sizes, portion * Math.max(1, MADE_UP / portion));
    }
}
