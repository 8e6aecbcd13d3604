package io.shusuan.agent.config;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.inference.DataType;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Refuses a configuration that is wrong, or that asks for what this server does not do, with every reason at once. */
public final class ConfigCheck {
    private ConfigCheck() {}

    /**
     * Checks what can be said before the model is opened.
     *
     * @param hasCache whether the server keeps answers
     */
    public static void settings(ConfigDocument document, boolean hasCache) throws LoadException {
        var faults = new Faults(document);
        faults.when(
                document.config().getResponseCache().getEnable() && !hasCache,
                "response_cache.enable",
                "needs memory for the answers: start the server with --cache-config local,size=BYTES, or leave it out");
        UnsupportedFields.check(document, faults);
        SchedulingRules.check(document, faults);
        EnsembleRules.check(document, faults);
        SequenceRules.check(document, faults);
        RaggedRules.check(document, faults);
        ShapeTensorRules.check(document, faults);
        WarmupRules.check(document, faults);
        MetricControls.check(document, faults);
        faults.raise();
    }

    /** Checks the tensors, after the configuration has been completed. */
    public static void tensors(ConfigDocument document) throws LoadException {
        var config = document.config();
        var faults = new Faults(document);
        faults.when(config.getInputCount() == 0, "input", "is missing and the model cannot tell: name at least one");
        faults.when(config.getOutputCount() == 0, "output", "is missing and the model cannot tell: name at least one");
        var names = new HashSet<String>();
        for (int i = 0; i < config.getInputCount(); i++) {
            var input = config.getInput(i);
            var path = "input[" + i + "]";
            tensor(faults, path, input.getName(), input.getDataType().name(), input.getDimsList(), names);
            if (input.hasReshape()) {
                reshape(faults, path, input.getDimsList(), input.getReshape().getShapeList());
            }
            faults.when(
                    input.getFormatValue() != 0 && input.getDimsCount() != 3,
                    path + ".format",
                    "is " + input.getFormat() + " and needs 3 dims, there are " + input.getDimsCount());
        }
        names.clear();
        for (int i = 0; i < config.getOutputCount(); i++) {
            var output = config.getOutput(i);
            var path = "output[" + i + "]";
            tensor(faults, path, output.getName(), output.getDataType().name(), output.getDimsList(), names);
            if (output.hasReshape()) {
                reshape(faults, path, output.getDimsList(), output.getReshape().getShapeList());
            }
        }
        faults.raise();
    }

    private static void tensor(
            Faults faults, String path, String name, String type, List<Long> dims, Set<String> names) {
        faults.when(name.isEmpty(), path + ".name", "is missing");
        faults.when(!names.add(name), path + ".name", "'" + name + "' is there twice: every name once");
        faults.when(DataType.named(type).isEmpty(), path + ".data_type", "of '" + name + "' is missing");
        for (int i = 0; i < dims.size(); i++) {
            faults.when(
                    dims.get(i) < -1,
                    path + ".dims[" + i + "]",
                    "of '" + name + "' is " + dims.get(i) + "; 0 or more is allowed, -1 for one that varies");
        }
    }

    private static void reshape(Faults faults, String path, List<Long> dims, List<Long> shape) {
        long open = dims.stream().filter(dim -> dim < 0).count();
        boolean same = open == shape.stream().filter(dim -> dim < 0).count() && elements(dims) == elements(shape);
        faults.when(
                !same,
                path + ".reshape",
                "turns " + dims + " into " + shape + "; as many elements and as many -1 are allowed as in dims");
    }

    private static long elements(List<Long> dims) {
        return dims.stream().filter(dim -> dim >= 0).reduce(1L, (a, b) -> a * b);
    }
}
