package io.shusuan.agent.engine.graph;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.onnx.GraphProto;
import io.shusuan.agent.engine.onnx.ModelProto;
import io.shusuan.agent.engine.onnx.NodeProto;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Whether a model's graph can be worked on. What comes out has its nodes in order. */
public final class GraphCheck {
    private static final int NAMED = 5;

    private final OperatorSets sets;
    private final Set<String> functions = new HashSet<>();
    private final List<String> unknown = new ArrayList<>();

    private GraphCheck(ModelProto model) {
        this.sets = OperatorSets.of(model);
        model.getFunctionsList().forEach(f -> functions.add(f.getDomain() + ":" + f.getName()));
    }

    /** @throws EngineException naming each node that no operator stands for, or what is wrong with the graph */
    public static ModelProto sorted(ModelProto model) throws EngineException {
        var unknown = unknownOperators(model);
        if (!unknown.isEmpty()) {
            var more = unknown.size() > NAMED ? ", and " + (unknown.size() - NAMED) + " more" : "";
            throw new EngineException(
                    Fault.UNKNOWN_OPERATOR,
                    String.join("; ", unknown.subList(0, Math.min(NAMED, unknown.size()))) + more);
        }
        return model.toBuilder().setGraph(Topology.sorted(model.getGraph())).build();
    }

    /** A sentence for each node whose operator ONNX Runtime does not have: type, place and remedy. */
    public static List<String> unknownOperators(ModelProto model) {
        var check = new GraphCheck(model);
        check.look(model.getGraph(), "");
        return check.unknown;
    }

    private void look(GraphProto graph, String place) {
        for (var node : graph.getNodeList()) {
            if (!functions.contains(node.getDomain() + ":" + node.getOpType())
                    && sets.operator(node).isEmpty()) {
                unknown.add(node.getOpType() + " at node '" + Names.of(node) + "'" + place + ": " + remedy(node));
            }
            Names.graphs(node).forEach(within -> look(within, place + " within '" + Names.of(node) + "'"));
        }
    }

    private String remedy(NodeProto node) {
        var domain = node.getDomain();
        var first = Operators.first(domain, node.getOpType());
        if (first.isPresent() && sets.version(domain) > 0) {
            return "the operator exists from set " + first.get() + " on and the model names set " + sets.version(domain)
                    + "; export with opset_version=" + first.get() + " or newer";
        }
        if (first.isPresent()) {
            return "the model imports no operator set for the domain '" + domain + "'; export it again";
        }
        if (!Operators.hasDomain(domain)) {
            return "it is a custom operator of the domain '" + domain
                    + "', which ONNX Runtime does not have; export with it expressed in standard operators,"
                    + " or register it as a model function";
        }
        return "no operator set of ONNX Runtime has it; check its spelling, or export with standard operators";
    }
}
