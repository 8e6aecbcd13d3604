package io.shusuan.agent.backend.onnxruntime;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.config.proto.ModelConfig;

/**
 * How many threads one instance may use. Every instance with a thread per core makes them fight for the same cores, so what the
 * configuration leaves open is the cores divided by the instances.
 */
record Threads(int intraOp, int interOp) {
    static Threads of(ModelConfig config, int instances, int cores) throws LoadException {
        int intraOp = parameter(config, "intra_op_thread_count", Math.max(1, cores / Math.max(1, instances)));
        return new Threads(intraOp, parameter(config, "inter_op_thread_count", 1));
    }

    private static int parameter(ModelConfig config, String name, int unset) throws LoadException {
        var given = config.getParametersMap().get(name);
        if (given == null) {
            return unset;
        }
        try {
            int count = Integer.parseInt(given.getStringValue().strip());
            if (count >= 0) {
                return count == 0 ? unset : count;
            }
        } catch (NumberFormatException notANumber) {
            // answered below, with the negative ones
        }
        throw new LoadException("parameter '" + name + "' must be a number of threads, 0 for the default, not '"
                + given.getStringValue() + "'");
    }

    @Override
    public String toString() {
        return intraOp + " intra-op, " + interOp + " inter-op threads per instance";
    }
}
