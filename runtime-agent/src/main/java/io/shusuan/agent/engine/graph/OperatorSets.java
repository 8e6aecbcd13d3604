package io.shusuan.agent.engine.graph;

import io.shusuan.agent.engine.onnx.GraphProto;
import io.shusuan.agent.engine.onnx.ModelProto;
import io.shusuan.agent.engine.onnx.NodeProto;
import io.shusuan.agent.engine.onnx.OperatorSetIdProto;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The operator sets a model imports. */
public record OperatorSets(Map<String, Long> versions) {
    /** Operators whose newer revision asks for something, or means something else, although it takes the same inputs. */
    private static final Set<String> CHANGED = Set.of(
            "Split",
            "Resize",
            "Upsample",
            "BatchNormalization",
            "GroupNormalization",
            "Dropout",
            "DFT",
            "GridSample",
            "RoiAlign");

    /** From this set on all reductions read their axes from an input; those before, but for the sum, have them as an attribute. */
    private static final int AXES_ARE_READ = 18;

    public OperatorSets {
        versions = Map.copyOf(versions);
    }

    public static OperatorSets of(ModelProto model) {
        var versions = new HashMap<String, Long>();
        for (var imported : model.getOpsetImportList()) {
            versions.put(bare(imported.getDomain()), imported.getVersion());
        }
        return new OperatorSets(versions);
    }

    private static String bare(String domain) {
        return domain.equals("ai.onnx") ? "" : domain;
    }

    /** The version of a domain's set, 0 when the model does not import it. */
    public long version(String domain) {
        return versions.getOrDefault(bare(domain), 0L);
    }

    /** What a node's operator is; empty when no set of the model has it. */
    public Optional<Operator> operator(NodeProto node) {
        return Operators.find(node.getDomain(), node.getOpType(), version(node.getDomain()));
    }

    /** The model with a newer set of standard operators, if that changes nothing of what its nodes mean; otherwise as it was. */
    public static ModelProto raised(ModelProto model, long wanted) {
        var sets = of(model);
        if (sets.version("") >= wanted
                || sets.obstacle(model.getGraph(), wanted).isPresent()) {
            return model;
        }
        var raised = model.toBuilder().clearOpsetImport();
        if (wanted >= AXES_ARE_READ && sets.version("") < AXES_ARE_READ) {
            raised.setGraph(ReductionAxes.read(model.getGraph()));
        }
        for (var imported : model.getOpsetImportList()) {
            raised.addOpsetImport(
                    bare(imported.getDomain()).isEmpty()
                            ? OperatorSetIdProto.newBuilder(imported)
                                    .setVersion(wanted)
                                    .build()
                            : imported);
        }
        return raised.build();
    }

    /** The first node that would mean something else in a newer set of standard operators. */
    public Optional<NodeProto> obstacle(GraphProto graph, long wanted) {
        for (var node : graph.getNodeList()) {
            if (bare(node.getDomain()).isEmpty() && !means(node, wanted)) {
                return Optional.of(node);
            }
            for (var within : Names.graphs(node)) {
                var obstacle = obstacle(within, wanted);
                if (obstacle.isPresent()) {
                    return obstacle;
                }
            }
        }
        return Optional.empty();
    }

    private boolean means(NodeProto node, long wanted) {
        // a Split without sizes is told the number of its outputs since set 18
        boolean sized = node.getOpType().equals("Split") && node.getInputCount() == 2;
        if (version("") >= 13 && (sized || ReductionAxes.areMeant(node))) {
            return true;
        }
        var now = operator(node);
        var then = Operators.find("", node.getOpType(), wanted);
        if (now.isEmpty() || then.isEmpty()) {
            return false;
        }
        return now.get().since() == then.get().since()
                || (version("") >= 13 && now.get().hasSignatureOf(then.get()) && !CHANGED.contains(node.getOpType()));
    }
}
