package io.shusuan.agent.engine.conversion;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.calibration.Method;
import io.shusuan.agent.engine.calibration.Ranges;
import io.shusuan.agent.engine.folding.Folding;
import io.shusuan.agent.engine.gate.Accuracy;
import io.shusuan.agent.engine.gate.Latency;
import io.shusuan.agent.engine.graph.OnnxFile;
import io.shusuan.agent.engine.graph.OperatorSets;
import io.shusuan.agent.engine.graph.Sha256;
import io.shusuan.agent.engine.onnx.ModelProto;
import io.shusuan.agent.engine.precision.Converted;
import io.shusuan.agent.engine.precision.Half;
import io.shusuan.agent.engine.precision.HalfPrecision;
import io.shusuan.agent.engine.precision.Layer.Outcome;
import io.shusuan.agent.engine.precision.Quantisation;
import io.shusuan.agent.engine.precision.Rehearsal;
import io.shusuan.agent.engine.precision.Scheme;
import io.shusuan.agent.engine.precision.Target;
import io.shusuan.agent.engine.sample.Batches;
import io.shusuan.agent.engine.sample.Samples;
import io.shusuan.agent.engine.session.Intermediates;
import io.shusuan.agent.engine.session.Session;
import io.shusuan.agent.engine.session.SessionSettings;
import io.shusuan.agent.engine.session.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads, converts, compares and writes. The original is what every number is measured against. */
public final class Conversion {
    private static final String MODEL = "model.onnx";
    private static final String REPORT = "conversion.json";
    private static final Duration MEASURED = Duration.ofSeconds(2);
    /** The set from which on the common operators may be BFLOAT16. */
    private static final int BFLOAT16_SET = 22;

    private final ConversionRequest request;

    private Conversion(ConversionRequest request) {
        this.request = request;
    }

    /** Leaves the result at its place, accepted or rejected. */
    public static Report run(ConversionRequest request) throws EngineException {
        return new Conversion(request).run();
    }

    private Report run() throws EngineException {
        if (request.precision() == Precision.FP8 && request.target() == Target.CPU) {
            throw new EngineException(
                    Fault.NOT_CONVERTIBLE,
                    "ONNX Runtime has no kernels that compute in FP8 on the CPU: use --target gpu, or --to int8");
        }
        var place = OutputFolder.at(request.output(), request.replace(), REPORT);
        var samples = Samples.read(request.samples());
        var original = OnnxFile.read(request.model());
        var folded = Folding.fold(original);
        var types = Intermediates.types(folded);
        try (var before = Session.open(original, SessionSettings.serving(request.threads()))) {
            var batches = samples.batches(before.inputs(), request.batch());
            var converted = convert(folded, types, batches);
            if (converted.count(Outcome.CONVERTED) + converted.count(Outcome.STORED) == 0) {
                throw nothing(converted);
            }
            try (var after = Session.open(runnable(converted.model()), judging())) {
                var accuracy = Accuracy.compare(before, after, batches);
                var one = samples.batches(before.inputs(), 1).get(0);
                var latency = request.target() == Target.CPU
                        ? Optional.of(Latency.measure(before, after, one, request.threads(), MEASURED))
                        : Optional.<Latency>empty();
                var report = report(original, converted, accuracy, latency);
                place.write(folder -> write(converted.model(), report, folder));
                return report;
            }
        }
    }

    private static void write(ModelProto model, Report report, Path folder) throws IOException {
        OnnxFile.write(model, folder.resolve(MODEL));
        Files.writeString(folder.resolve(REPORT), ReportJson.write(report) + "\n");
        OutputFolder.reject(folder, report.failures());
    }

    private Converted convert(ModelProto model, Map<String, TensorType> types, Batches batches) throws EngineException {
        return switch (request.precision()) {
            case FP16 -> half(model, Half.FLOAT16, types, batches);
            case BF16 -> half(OperatorSets.raised(model, BFLOAT16_SET), Half.BFLOAT16, types, batches);
            case INT8, FP8 ->
                Quantisation.convert(
                        model,
                        scheme(),
                        request.keep(),
                        types,
                        Ranges.observed(model, types, batches, request.method()));
        };
    }

    private Converted half(ModelProto model, Half half, Map<String, TensorType> types, Batches batches)
            throws EngineException {
        return HalfPrecision.convert(
                model,
                half,
                request.target(),
                request.keep(),
                types,
                Ranges.observed(model, types, batches, Method.MIN_MAX));
    }

    private Scheme scheme() {
        if (request.precision() == Precision.FP8) {
            return Scheme.fp8(request.perChannel());
        }
        return request.target() == Target.GPU
                ? Scheme.gpu(request.perChannel())
                : Scheme.cpu(request.perChannel(), request.dotProducts());
    }

    /** What a CPU can run to judge the result: the result itself, but for BFLOAT16, which it has hardly a kernel for. */
    private ModelProto runnable(ModelProto converted) {
        return request.precision() == Precision.BF16 ? Rehearsal.of(converted, Half.BFLOAT16) : converted;
    }

    /** ONNX Runtime 1.29 takes pairs in FP8 for pairs in INT8 when it rewrites the graph, and refuses what it made of them. */
    private SessionSettings judging() {
        return request.precision() == Precision.FP8
                ? SessionSettings.literal()
                : SessionSettings.serving(request.threads());
    }

    private EngineException nothing(Converted converted) {
        var why = converted.layers().stream()
                .filter(layer -> layer.outcome() == Outcome.KEPT)
                .findFirst()
                .map(layer -> ": " + layer.operator() + " '" + layer.name() + "': " + layer.reason())
                .orElse(": no node computes in FP32");
        return new EngineException(
                Fault.NOT_CONVERTIBLE,
                "no layer of " + request.model() + " can be " + request.precision() + why + "; serve it as it is");
    }

    private Report report(ModelProto original, Converted converted, Accuracy accuracy, Optional<Latency> latency)
            throws EngineException {
        return new Report(
                request.model().getFileName().toString(),
                Sha256.of(List.of(request.model())),
                request.precision(),
                settings(),
                original.getSerializedSize(),
                converted.model().getSerializedSize(),
                converted.layers(),
                accuracy,
                latency,
                request.limits().failures(accuracy, latency));
    }

    private String settings() {
        var target = "for the " + request.target();
        return switch (request.precision()) {
            case FP16, BF16 -> target;
            case INT8, FP8 ->
                "%s, %s calibration, weights per %s, largest weight %d"
                        .formatted(
                                target,
                                request.method(),
                                request.perChannel() ? "channel" : "tensor",
                                scheme().weightLimit());
        };
    }
}
