package io.shusuan.agent.node;

import io.shusuan.agent.node.GpuPlace.GpuPath;
import io.shusuan.agent.node.GpuPlace.Level;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * Reads where a GPU sits.
 *
 * @param all GPUs that could be opened, by index
 */
record NvmlPlace(NvmlLibrary library, NvmlCalls calls, Map<Integer, MemorySegment> all) {
    private static final int SCOPE_NODE = 0;
    private static final int MOST_NUMA_NODES = 1024;
    private static final int MOST_CPUS = 8192;

    GpuPlace read(MemorySegment device) throws NvmlException {
        return new GpuPlace(numaNodes(device), cpus(device), paths(device));
    }

    private String numaNodes(MemorySegment device) throws NvmlException {
        var mask = mask(MOST_NUMA_NODES);
        return library.offers("nvmlDeviceGetMemoryAffinity", device, words(mask), mask, SCOPE_NODE) ? ranges(mask) : "";
    }

    private String cpus(MemorySegment device) throws NvmlException {
        var mask = mask(MOST_CPUS);
        return library.offers("nvmlDeviceGetCpuAffinity", device, words(mask), mask) ? ranges(mask) : "";
    }

    private List<GpuPath> paths(MemorySegment device) throws NvmlException {
        var paths = new ArrayList<GpuPath>();
        for (var other : all.entrySet()) {
            if (!other.getValue().equals(device)) {
                var code = calls.number("nvmlDeviceGetTopologyCommonAncestor", device, other.getValue());
                Arrays.stream(Level.values())
                        .filter(level -> code.isPresent() && level.code == code.getAsInt())
                        .forEach(level -> paths.add(new GpuPath(other.getKey(), level)));
            }
        }
        return paths;
    }

    private MemorySegment mask(int bits) {
        return calls.memory().allocate(ValueLayout.JAVA_LONG, bits / Long.SIZE);
    }

    private static int words(MemorySegment mask) {
        return (int) (mask.byteSize() / Long.BYTES);
    }

    /** The bits that are set, as Linux writes lists of processors: {@code 0-3,8}. */
    private static String ranges(MemorySegment mask) {
        var bits = BitSet.valueOf(mask.toArray(ValueLayout.JAVA_LONG));
        var text = new StringJoiner(",");
        for (int first = bits.nextSetBit(0); first >= 0; ) {
            int end = bits.nextClearBit(first);
            text.add(end == first + 1 ? Integer.toString(first) : first + "-" + (end - 1));
            first = bits.nextSetBit(end);
        }
        return text.toString();
    }
}
