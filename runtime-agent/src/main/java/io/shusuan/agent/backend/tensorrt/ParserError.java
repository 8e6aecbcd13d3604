package io.shusuan.agent.backend.tensorrt;

/**
 * One thing that the parser does not take.
 *
 * @param operator the node's type; empty where it is not about a node
 * @param node the node's name, or empty
 * @param index the node's place in the file, from 0; negative where there is none
 * @param said the parser's own words
 */
record ParserError(ParserFault fault, String operator, String node, int index, String said) {
    /** Type, place, reason and remedy. */
    String sentence() {
        var what = operator.isEmpty() ? "the model" : operator;
        var where = (node.isEmpty() ? "" : " at node '" + node + "'") + (index < 0 ? "" : " (number " + index + ")");
        return what + where + ": " + fault + ": " + said.strip() + "; " + fault.remedy();
    }
}
