package io.shusuan.agent.backend.tensorrt;

/** A plan that adds two inputs, what it is asked, and how an answer of its ends. */
final class AddPlan {
    static final String TEXT = """
            HOST PLAN 1 sm_90
            add
            input A FP32 -1,4 1,4/2,4/8,4
            input B FP32 -1,4 1,4/2,4/8,4
            output SUM FP32 -1,4
            end
            """;

    private AddPlan() {}

    /** The same, with so much memory for its weights, which are in the plan, and for what a context computes with. */
    static String taking(int weights, int activations) {
        return TEXT.replace(
                "add\n", "add\nmemory " + weights + " " + activations + "\nweights " + "0".repeat(weights) + "\n");
    }

    static String body(int rows, float a, float b) {
        return "{\"inputs\":[" + row("A", rows, a) + "," + row("B", rows, b) + "]}";
    }

    private static String row(String name, int rows, float value) {
        return "{\"name\":\"" + name + "\",\"shape\":[" + rows + ",4],\"datatype\":\"FP32\",\"data\":["
                + (value + ",").repeat(rows * 4 - 1) + value + "]}";
    }

    static String sums(int rows, float value) {
        return "\"shape\":[" + rows + ",4],\"data\":[" + (value + ",").repeat(rows * 4 - 1) + value + "]}]}";
    }
}
