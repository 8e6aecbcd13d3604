package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.engine.build.BuildSettings;
import io.shusuan.agent.engine.build.ShapeProfile;
import io.shusuan.agent.engine.build.ShapeRange;
import io.shusuan.agent.inference.Shape;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.tensorrt.global.nvinfer;
import org.bytedeco.tensorrt.global.nvinfer.BuilderFlag;
import org.bytedeco.tensorrt.global.nvinfer.HardwareCompatibilityLevel;
import org.bytedeco.tensorrt.global.nvinfer.MemoryPoolType;
import org.bytedeco.tensorrt.global.nvinfer.OptProfileSelector;
import org.bytedeco.tensorrt.global.nvonnxparser;
import org.bytedeco.tensorrt.nvinfer.IBuilder;
import org.bytedeco.tensorrt.nvinfer.IBuilderConfig;
import org.bytedeco.tensorrt.nvinfer.IHostMemory;
import org.bytedeco.tensorrt.nvinfer.INetworkDefinition;
import org.bytedeco.tensorrt.nvinfer.IOptimizationProfile;
import org.bytedeco.tensorrt.nvonnxparser.IParser;
import org.jspecify.annotations.Nullable;

/** TensorRT's builder and ONNX parser through JavaCPP's JNI. One build at a time, so that what the log says is about it. */
final class JniBuilder implements BuilderCalls {
    private static final int WARNINGS = 2;

    private final EngineLog engineLog;

    private JniBuilder(EngineLog engineLog) {
        this.engineLog = engineLog;
    }

    static BuilderCalls load(EngineLog engineLog) throws UnavailableException {
        Glue.loadParser();
        return new JniBuilder(engineLog);
    }

    @Override
    public synchronized Built build(Path onnx, BuildSettings settings, MemorySegment timings) {
        engineLog.takeErrors();
        var temporary = new Owned();
        var made = new Owned();
        boolean complete = false;
        try {
            var builder = temporary.own("createInferBuilder", nvinfer.createInferBuilder(engineLog));
            var network = temporary.own("IBuilder::createNetworkV2", builder.createNetworkV2(0));
            parse(temporary, network, onnx);
            var config = temporary.own("IBuilder::createBuilderConfig", builder.createBuilderConfig());
            configure(config, settings);
            for (var profile : settings.profiles()) {
                add(builder, network, config, profile);
            }
            setTimings(temporary, config, timings);
            var plan = made.own("IBuilder::buildSerializedNetwork", builder.buildSerializedNetwork(network, config));
            var learnt =
                    made.own("ITimingCache::serialize", config.getTimingCache().serialize());
            complete = true;
            return new Built(bytes(plan), bytes(learnt), made::close);
        } finally {
            temporary.close();
            if (!complete) {
                made.close();
            }
        }
    }

    private void parse(Owned temporary, INetworkDefinition network, Path onnx) {
        var parser = nvonnxparser.createParser(network, engineLog);
        if (parser == null || parser.isNull()) {
            throw refused("createParser");
        }
        temporary.later(() -> CppObject.deleteParser(parser.address()));
        if (!parser.parseFromFile(onnx.toAbsolutePath().toString(), WARNINGS)) {
            throw new OnnxRefusedException(errors(parser));
        }
    }

    private List<ParserError> errors(IParser parser) {
        var errors = new ArrayList<ParserError>();
        for (int i = 0; i < parser.getNbErrors(); i++) {
            var error = parser.getError(i);
            errors.add(new ParserError(
                    ParserFault.named(error.code().intern().name().substring(1)),
                    text(error.nodeOperator()),
                    text(error.nodeName()),
                    error.node(),
                    text(error.desc())));
        }
        if (errors.isEmpty()) {
            errors.add(new ParserError(ParserFault.UNKNOWN, "", "", -1, engineLog.takeErrors()));
        }
        return errors;
    }

    private static String text(@Nullable String text) {
        return Objects.requireNonNullElse(text, "");
    }

    private static void configure(IBuilderConfig config, BuildSettings settings) {
        if (settings.workspaceMb() > 0) {
            config.setMemoryPoolLimit(MemoryPoolType.kWORKSPACE, (long) settings.workspaceMb() << 20);
        }
        config.setBuilderOptimizationLevel(settings.optimizationLevel());
        if (settings.versionCompatible()) {
            config.setFlag(BuilderFlag.kVERSION_COMPATIBLE);
        }
        if (settings.hardwareCompatible()) {
            config.setHardwareCompatibilityLevel(HardwareCompatibilityLevel.kAMPERE_PLUS);
        }
        if (settings.refittable()) {
            config.setFlag(BuilderFlag.kREFIT);
        }
        if (settings.weightStreaming()) {
            config.setFlag(BuilderFlag.kWEIGHT_STREAMING);
        }
    }

    /** The profile belongs to the builder. */
    private void add(IBuilder builder, INetworkDefinition network, IBuilderConfig config, ShapeProfile shapes) {
        var profile = builder.createOptimizationProfile();
        if (profile == null || profile.isNull()) {
            throw refused("IBuilder::createOptimizationProfile");
        }
        for (var input : shapes.inputs().entrySet()) {
            var range = input.getValue();
            int values = valuesOf(network, input.getKey(), range);
            set(profile, input.getKey(), OptProfileSelector.kMIN, range.min(), values);
            set(profile, input.getKey(), OptProfileSelector.kOPT, range.opt(), values);
            set(profile, input.getKey(), OptProfileSelector.kMAX, range.max(), values);
        }
        if (config.addOptimizationProfile(profile) < 0) {
            throw refused("IBuilderConfig::addOptimizationProfile of " + shapes);
        }
    }

    /** How many values a shape tensor has; none of another input. */
    private static int valuesOf(INetworkDefinition network, String name, ShapeRange range) {
        for (int i = 0; i < network.getNbInputs(); i++) {
            var input = network.getInput(i);
            if (name.equals(input.getName()) && input.isShapeTensor()) {
                int values = (int) EngineTensors.shape(input.getDimensions()).elementCount();
                ShapeProfile.checkValues(name, values, range);
                return values;
            }
        }
        return 0;
    }

    private void set(IOptimizationProfile profile, String input, OptProfileSelector which, Shape shape, int values) {
        if (values > 0) {
            if (!profile.setShapeValuesV2(input, which, shape.toArray(), values)) {
                throw refused("IOptimizationProfile::setShapeValuesV2 of '" + input + "' to " + shape);
            }
            return;
        }
        try (var dims = EngineTensors.dims(shape)) {
            if (!profile.setDimensions(input, which, dims)) {
                throw refused("IOptimizationProfile::setDimensions of '" + input + "' to " + shape);
            }
        }
    }

    /** A cache that TensorRT does not take, of another version perhaps, is done without. */
    private void setTimings(Owned temporary, IBuilderConfig config, MemorySegment timings) {
        var known = config.createTimingCache(new Address(timings.address()), timings.byteSize());
        if (known == null || known.isNull()) {
            known = config.createTimingCache(new Address(0), 0);
        }
        var cache = temporary.own("IBuilderConfig::createTimingCache", known);
        if (!config.setTimingCache(cache, false)) {
            throw refused("IBuilderConfig::setTimingCache");
        }
    }

    @SuppressWarnings("restricted") // TensorRT says how long its memory is
    private static MemorySegment bytes(IHostMemory memory) {
        return MemorySegment.ofAddress(memory.data().address()).reinterpret(memory.size());
    }

    private NativeException refused(String call) {
        return NativeException.tensorRt(call, engineLog.takeErrors());
    }

    /** Objects of TensorRT's that one call owns; those that were made last are deleted first. */
    private final class Owned implements AutoCloseable {
        private final Deque<Runnable> deletions = new ArrayDeque<>();

        <T extends Pointer> T own(String call, @Nullable T object) {
            if (object == null || object.isNull()) {
                throw refused(call);
            }
            later(() -> CppObject.delete(object.address()));
            return object;
        }

        void later(Runnable deletion) {
            deletions.addFirst(deletion);
        }

        @Override
        public void close() {
            deletions.forEach(Runnable::run);
            deletions.clear();
        }
    }
}
