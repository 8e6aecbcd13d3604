package io.shusuan.agent.backend.tensorrt;

import static org.bytedeco.cuda.global.cudart.cudaDevAttrComputeCapabilityMajor;
import static org.bytedeco.cuda.global.cudart.cudaDevAttrComputeCapabilityMinor;

import io.shusuan.agent.backend.gpu.StickyErrors;
import io.shusuan.agent.inference.Shape;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.tensorrt.global.nvinfer;
import org.bytedeco.tensorrt.global.nvinfer.EngineStat;
import org.bytedeco.tensorrt.global.nvinfer.ExecutionContextAllocationStrategy;
import org.bytedeco.tensorrt.nvinfer.Dims64;
import org.bytedeco.tensorrt.nvinfer.ICudaEngine;
import org.bytedeco.tensorrt.nvinfer.IExecutionContext;
import org.bytedeco.tensorrt.nvinfer.IOutputAllocator;
import org.bytedeco.tensorrt.nvinfer.IRuntime;
import org.jspecify.annotations.Nullable;

/** CUDA and TensorRT through JavaCPP's JNI. One object per process: TensorRT has one runtime and one log. */
final class JniCalls extends JniCuda implements NativeCalls {
    private static final Path DRIVER = Path.of("/proc/driver/nvidia/version");
    private static final Pattern DRIVER_VERSION = Pattern.compile("\\b(\\d{3,}\\.\\d+(\\.\\d+)?)\\b");

    /** Of a library that can be asked for its plugins. */
    private static final List<String> PLUGIN_SYMBOLS = List.of("getCreators", "getPluginCreators");

    private final EngineLog engineLog;
    private final IRuntime runtime;
    private final Versions versions;
    /** The allocators a context calls; they live as long as it. */
    private final Map<Long, List<OutputAllocator>> allocators = new ConcurrentHashMap<>();

    private @Nullable BuilderCalls builder;

    private JniCalls(EngineLog engineLog, IRuntime runtime, Versions versions) {
        this.engineLog = engineLog;
        this.runtime = runtime;
        this.versions = versions;
    }

    static NativeCalls load() throws UnavailableException {
        Glue.load();
        int[] count = new int[1];
        checked("cudaGetDeviceCount", cudart.cudaGetDeviceCount(count));
        if (count[0] == 0) {
            throw new UnavailableException("cudaGetDeviceCount found no GPU: is one given to this process?");
        }
        var engineLog = new EngineLog();
        var runtime = nvinfer.createInferRuntime(engineLog);
        if (isNull(runtime)) {
            throw NativeException.tensorRt("createInferRuntime", engineLog.takeErrors());
        }
        return new JniCalls(engineLog, runtime, found(count[0]));
    }

    private static Versions found(int count) {
        var gpus = new ArrayList<Versions.Gpu>();
        for (int gpu = 0; gpu < count; gpu++) {
            gpus.add(new Versions.Gpu(
                    gpu,
                    attribute(cudaDevAttrComputeCapabilityMajor, gpu),
                    attribute(cudaDevAttrComputeCapabilityMinor, gpu)));
        }
        int[] cuda = new int[1];
        checked("cudaRuntimeGetVersion", cudart.cudaRuntimeGetVersion(cuda));
        return new Versions(
                nvinfer.getInferLibMajorVersion() + "." + nvinfer.getInferLibMinorVersion() + "."
                        + nvinfer.getInferLibPatchVersion(),
                cuda[0] / 1000 + "." + cuda[0] % 1000 / 10,
                driver(),
                gpus);
    }

    private static int attribute(int what, int gpu) {
        int[] value = new int[1];
        checked("cudaDeviceGetAttribute", cudart.cudaDeviceGetAttribute(value, what, gpu));
        return value[0];
    }

    /** The driver's own version; CUDA tells only which CUDA it is for. */
    private static String driver() {
        try {
            var version = DRIVER_VERSION.matcher(Files.readString(DRIVER));
            return version.find() ? version.group(1) : "unknown";
        } catch (IOException unreadable) {
            return "unknown";
        }
    }

    @Override
    public Versions versions() {
        return versions;
    }

    @Override
    public synchronized BuilderCalls builder() throws UnavailableException {
        var loaded = builder;
        if (loaded == null) {
            loaded = JniBuilder.load(engineLog);
            builder = loaded;
        }
        return loaded;
    }

    /**
     * The system's loader says best what a library misses, so it goes first. Libraries of an older kind register their plugins while they are
     * loaded, the others are asked for them.
     */
    @Override
    @SuppressWarnings("restricted") // the operator has named it, or its folder
    public synchronized void loadPlugins(Path library) {
        engineLog.takeErrors();
        try {
            SystemLibraries.require(library.toString(), "mend it, or what it needs");
        } catch (UnavailableException unloadable) {
            throw NativeException.tensorRt("dlopen", Objects.requireNonNullElse(unloadable.getMessage(), ""));
        }
        var symbols = SymbolLookup.libraryLookup(library, Arena.global());
        if (PLUGIN_SYMBOLS.stream().anyMatch(name -> symbols.find(name).isPresent())
                && isNull(nvinfer.getPluginRegistry().loadLibrary(library.toString()))) {
            throw refused("IPluginRegistry::loadLibrary");
        }
    }

    /** One at a time, so that what the log says is about this plan. */
    @Override
    public synchronized long deserialize(MemorySegment plan, boolean hostCode) {
        engineLog.takeErrors();
        runtime.setEngineHostCodeAllowed(hostCode);
        var engine = runtime.deserializeCudaEngine(at(plan.address()), plan.byteSize());
        if (isNull(engine)) {
            throw refused("IRuntime::deserializeCudaEngine");
        }
        return engine.address();
    }

    @Override
    public void destroyEngine(long engine) {
        CppObject.delete(engine);
    }

    @Override
    public List<Binding> bindings(long engine) {
        return EngineTensors.of(new ICudaEngine(at(engine)));
    }

    @Override
    public long weightBytes(long engine) {
        return new ICudaEngine(at(engine)).getEngineStat(EngineStat.kTOTAL_WEIGHTS_SIZE);
    }

    @Override
    public long streamableBytes(long engine) {
        return new ICudaEngine(at(engine)).getStreamableWeightsSize();
    }

    @Override
    public long automaticWeightBudget(long engine) {
        return new ICudaEngine(at(engine)).getWeightStreamingAutomaticBudget();
    }

    @Override
    public void setWeightBudget(long engine, long bytes) {
        if (!new ICudaEngine(at(engine)).setWeightStreamingBudgetV2(bytes)) {
            throw refused("ICudaEngine::setWeightStreamingBudgetV2");
        }
    }

    /** The budget of streamed weights counts here, too: what they are staged in is part of it. */
    @Override
    public long contextBytes(long engine) {
        return new ICudaEngine(at(engine)).getDeviceMemorySizeV2();
    }

    @Override
    public long createContext(long engine) {
        var context =
                new ICudaEngine(at(engine)).createExecutionContext(ExecutionContextAllocationStrategy.kUSER_MANAGED);
        if (isNull(context)) {
            throw refused("ICudaEngine::createExecutionContext");
        }
        return context.address();
    }

    /** TensorRT answers nothing here; memory that is too small is told by the run. */
    @Override
    public void setContextMemory(long context, long device, long bytes) {
        context(context).setDeviceMemoryV2(at(device), bytes);
    }

    @Override
    public void destroyContext(long context) {
        CppObject.delete(context);
        var called = allocators.remove(context);
        if (called != null) {
            called.forEach(OutputAllocator::close);
        }
    }

    @Override
    public void chooseProfile(long context, int profile, long stream) {
        if (!context(context).setOptimizationProfileAsync(profile, stream(stream))) {
            throw refused("IExecutionContext::setOptimizationProfileAsync");
        }
    }

    @Override
    public void setInputShape(long context, String input, Shape shape) {
        try (var dims = EngineTensors.dims(shape)) {
            if (!context(context).setInputShape(input, dims)) {
                throw refused("IExecutionContext::setInputShape of '" + input + "'");
            }
        }
    }

    @Override
    public Shape shape(long context, String tensor) {
        try (Dims64 dims = context(context).getTensorShape(tensor)) {
            if (dims.nbDims() < 0) {
                throw refused("IExecutionContext::getTensorShape of '" + tensor + "'");
            }
            return EngineTensors.shape(dims);
        }
    }

    @Override
    public long largestOutput(long context, String output) {
        long bytes = context(context).getMaxOutputSize(output);
        if (bytes < 0) {
            throw refused("IExecutionContext::getMaxOutputSize of '" + output + "'");
        }
        return bytes;
    }

    @Override
    public void setAddress(long context, String tensor, long address) {
        if (!context(context).setTensorAddress(tensor, at(address))) {
            throw refused("IExecutionContext::setTensorAddress of '" + tensor + "'");
        }
    }

    @Override
    public void allocateLater(long context, String output, LateOutput memory) {
        var allocator = new OutputAllocator(memory);
        allocators.computeIfAbsent(context, _ -> new ArrayList<>()).add(allocator);
        if (!context(context).setOutputAllocator(output, new IOutputAllocator(at(allocator.address())))) {
            throw refused("IExecutionContext::setOutputAllocator of '" + output + "'");
        }
    }

    @Override
    public void enqueue(long context, long stream) {
        if (!context(context).enqueueV3(stream(stream))) {
            checked("IExecutionContext::enqueueV3", cudart.cudaPeekAtLastError());
            throw refused("IExecutionContext::enqueueV3");
        }
    }

    /** TensorRT says no as well where it is CUDA that can do nothing any more. */
    private NativeException refused(String call) {
        int code = cudart.cudaPeekAtLastError();
        return StickyErrors.contain(code)
                ? failure(call, code)
                : NativeException.tensorRt(call, engineLog.takeErrors());
    }

    private static IExecutionContext context(long address) {
        return new IExecutionContext(at(address));
    }
}
