package io.shusuan.agent.engine.precision;

import io.shusuan.agent.engine.calibration.Ranges;
import io.shusuan.agent.engine.graph.Names;
import io.shusuan.agent.engine.graph.Operator;
import io.shusuan.agent.engine.graph.OperatorSets;
import io.shusuan.agent.engine.graph.Operators;
import io.shusuan.agent.engine.graph.Uses;
import io.shusuan.agent.engine.onnx.ModelProto;
import io.shusuan.agent.engine.onnx.NodeProto;
import io.shusuan.agent.engine.onnx.TensorProto.DataType;
import io.shusuan.agent.engine.session.TensorType;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which nodes may compute in half precision, and why the others may not. */
final class HalfRules {
    /** Operators whose result depends on small differences, or that are the border between precisions themselves. */
    private static final Set<String> FRAGILE = Set.of(
            "CumSum",
            "Range",
            "NonMaxSuppression",
            "RoiAlign",
            "TopK",
            "Upsample",
            "QuantizeLinear",
            "DequantizeLinear",
            "DynamicQuantizeLinear",
            "Cast",
            "CastLike",
            "RandomNormalLike",
            "RandomUniformLike",
            "Multinomial",
            "Bernoulli");

    /** What may become of a node; the type variables of a computing one tell which of its tensors change. */
    sealed interface Decision {
        record Compute(Operator operator, Set<String> variables) implements Decision {}

        record Store(String reason) implements Decision {}

        record Stay(String reason) implements Decision {}

        record Unconcerned() implements Decision {}
    }

    private final Half half;
    private final Target target;
    private final Keep keep;
    private final Ranges ranges;
    private final Map<String, TensorType> types;
    private final OperatorSets sets;
    private final Uses uses;

    HalfRules(ModelProto model, Half half, Target target, Keep keep, Map<String, TensorType> types, Ranges ranges) {
        this.half = half;
        this.target = target;
        this.keep = keep;
        this.types = types;
        this.ranges = ranges;
        this.sets = OperatorSets.of(model);
        this.uses = new Uses(model.getGraph());
    }

    Decision decide(NodeProto node) {
        if (node.getInputList().stream().noneMatch(this::isFloat)) {
            return node.getOutputList().stream().anyMatch(this::isFloat)
                    ? new Decision.Stay("makes FP32 of something else")
                    : new Decision.Unconcerned();
        }
        if (keep.contains(node)) {
            return new Decision.Stay("listed to be kept");
        }
        var operator = sets.operator(node);
        if (operator.isEmpty()) {
            return new Decision.Stay("a function of the model: what it computes is not looked into");
        }
        if (!Names.graphs(node).isEmpty()) {
            return new Decision.Stay("control flow: the graphs within it stay as they are");
        }
        if (FRAGILE.contains(node.getOpType())) {
            return new Decision.Stay(node.getOpType() + " loses too much in " + half + ", or sets the type itself");
        }
        return decide(node, operator.get());
    }

    private Decision decide(NodeProto node, Operator operator) {
        var variables = variables(node, operator);
        if (variables.isEmpty()) {
            return new Decision.Stay("%s of operator set %d takes no %s%s"
                    .formatted(node.getOpType(), sets.version(node.getDomain()), half, remedy(operator)));
        }
        var objection = objection(node);
        if (objection.isPresent()) {
            return new Decision.Stay(objection.get());
        }
        if (target == Target.CPU && !variables.stream().allMatch(v -> operator.allows(v, half.hasKernel()))) {
            return new Decision.Store(
                    "ONNX Runtime has no %s kernel for %s on the CPU".formatted(half, node.getOpType()));
        }
        return new Decision.Compute(operator, variables);
    }

    /** The type variables of FP32 inputs that may be half, when an output hangs on none that may not. */
    private Set<String> variables(NodeProto node, Operator operator) {
        var variables = new HashSet<String>();
        for (int i = 0; i < node.getInputCount(); i++) {
            var variable = operator.inputType(i);
            if (isFloat(node.getInput(i)) && operator.allows(variable, half.allowed())) {
                variables.add(variable);
            }
        }
        for (int i = 0; i < node.getInputCount(); i++) {
            if (isFloat(node.getInput(i)) && operator.inputType(i).equals("-")) {
                return Set.of();
            }
        }
        return variables;
    }

    private String remedy(Operator operator) {
        if (!operator.domain().isEmpty()) {
            return "";
        }
        for (int set = operator.since() + 1; set < 30; set++) {
            int wanted = set;
            var later = Operators.find("", operator.name(), wanted);
            if (later.isPresent()
                    && later.get().halves().values().stream().anyMatch(h -> h.indexOf(half.allowed()) >= 0)) {
                return "; it does from set " + later.get().since() + " on";
            }
        }
        return "";
    }

    private Optional<String> objection(NodeProto node) {
        for (var name : List.copyOf(Names.read(node))) {
            var constant = uses.constant(name).filter(t -> t.getDataType() == DataType.FLOAT_VALUE);
            if (constant.isPresent()) {
                var objection = half.objection(constant.get());
                if (!objection.isEmpty()) {
                    return Optional.of(objection);
                }
            }
        }
        var tensors = new HashSet<>(Names.read(node));
        tensors.addAll(node.getOutputList());
        return tensors.stream()
                .sorted()
                .map(this::objection)
                .flatMap(Optional::stream)
                .findFirst();
    }

    private Optional<String> objection(String tensor) {
        return ranges.of(tensor).map(range -> {
            if (range.absolute() > half.largest()) {
                return "'%s' reaches %s on the samples, beyond %s's %s"
                        .formatted(tensor, range.absolute(), half, half.largest());
            }
            return range.absolute() > 0 && range.absolute() < half.smallest()
                    ? "'%s' stays below %s on the samples, too small for %s".formatted(tensor, half.smallest(), half)
                    : null;
        });
    }

    private boolean isFloat(String tensor) {
        var type = types.get(tensor);
        return type != null && type.isFloat();
    }
}
