package io.shusuan.agent.node;

import io.shusuan.agent.node.GpuPlace.GpuPath;
import io.shusuan.agent.node.GpuPlace.Level;
import io.shusuan.agent.node.GpuSample.Ecc;
import io.shusuan.agent.node.GpuSample.GpuProcess;
import io.shusuan.agent.node.GpuSample.Memory;
import io.shusuan.agent.node.GpuSample.RemappedRows;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A node with GPUs as a test wants them. */
public final class HandWrittenNvml implements Nvml {
    private final List<Gpu> gpus = new ArrayList<>();
    private final List<Xid> xids = new ArrayList<>();
    volatile boolean closed;
    public @Nullable NvmlException driverFailure;
    public @Nullable NvmlException xidFailure;

    /** A GPU whose state the test changes. */
    public static final class Gpu {
        public int utilization = 50;
        public long usedBytes = 10L << 30;
        public int temperature = 55;
        public long energyMillijoules = 1_000_000;
        public long uncorrected;
        public boolean remapFailed;
        public @Nullable NvmlException failure;
        public final List<GpuProcess> processes = new ArrayList<>();
    }

    public static HandWrittenNvml with(int count) {
        var node = new HandWrittenNvml();
        for (int i = 0; i < count; i++) {
            node.gpus.add(new Gpu());
        }
        return node;
    }

    public Gpu gpu(int index) {
        return gpus.get(index);
    }

    public synchronized void xid(int gpu, int number) {
        xids.add(new Xid(gpu, number));
    }

    @Override
    public Driver driver() throws NvmlException {
        if (driverFailure != null) {
            throw driverFailure;
        }
        return new Driver("580.65.06", "13.0");
    }

    @Override
    public int count() {
        return gpus.size();
    }

    @Override
    public GpuDescription describe(int gpu) throws NvmlException {
        check(gpu);
        return new GpuDescription(
                gpu,
                OptionalInt.of(gpu),
                "GPU-" + gpu,
                "NVIDIA \"H100\"",
                "HOPPER",
                "9.0",
                "00000000:0%d:00.0".formatted(gpu),
                Optional.empty(),
                false,
                List.of(),
                List.of(),
                new GpuPlace("0", "0-31", others(gpu)));
    }

    private List<GpuPath> others(int gpu) {
        return IntStream.range(0, gpus.size())
                .filter(other -> other != gpu)
                .mapToObj(other -> new GpuPath(other, Level.PIX))
                .toList();
    }

    @Override
    public GpuSample sample(int index) throws NvmlException {
        check(index);
        var gpu = gpus.get(index);
        return new GpuSample(
                OptionalInt.of(gpu.utilization),
                OptionalInt.of(20),
                Optional.of(new Memory(80L << 30, gpu.usedBytes, (80L << 30) - gpu.usedBytes)),
                OptionalInt.of(gpu.temperature),
                OptionalInt.of(300_500),
                OptionalInt.of(700_000),
                OptionalLong.of(gpu.energyMillijoules),
                OptionalInt.of(1980),
                OptionalInt.of(2619),
                Optional.of(new Ecc(2, gpu.uncorrected)),
                Optional.of(new RemappedRows(0, 0, false, gpu.remapFailed)),
                gpu.processes);
    }

    private void check(int gpu) throws NvmlException {
        var failure = gpus.get(gpu).failure;
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public synchronized List<Xid> newXids() throws NvmlException {
        if (xidFailure != null) {
            throw xidFailure;
        }
        var told = List.copyOf(xids);
        xids.clear();
        return told;
    }

    @Override
    public void close() {
        closed = true;
    }
}
