package io.shusuan.agent.engine.graph;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One revision of an operator: since which operator set it holds, and how its inputs' and outputs' types hang together.
 *
 * @param halves for each type variable that may be FP32, what else it may be: letters as in {@code operators.tsv}
 */
public record Operator(
        String domain, String name, int since, List<String> inputs, List<String> outputs, Map<String, String> halves) {
    private static final String REPEATS = "*";

    public Operator {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        halves = Map.copyOf(halves);
    }

    static Operator parse(String line) {
        var fields = line.split("\t", -1);
        var halves = new HashMap<String, String>();
        for (var half : words(fields[5], " ")) {
            int equals = half.indexOf('=');
            halves.put(half.substring(0, equals), half.substring(equals + 1));
        }
        return new Operator(
                fields[0],
                fields[1],
                Integer.parseInt(fields[2]),
                words(fields[3], ","),
                words(fields[4], ","),
                halves);
    }

    private static List<String> words(String text, String separator) {
        return text.isEmpty() ? List.of() : List.of(text.split(separator));
    }

    /** The type variable of an input; {@code -} for what is never FP32, {@code float} for what is nothing else. */
    public String inputType(int index) {
        return type(inputs, index);
    }

    public String outputType(int index) {
        return type(outputs, index);
    }

    private static String type(List<String> formal, int index) {
        if (formal.isEmpty()) {
            return "-";
        }
        var text = formal.get(Math.min(index, formal.size() - 1));
        if (text.endsWith(REPEATS)) {
            return text.substring(0, text.length() - 1);
        }
        return index < formal.size() ? text : "-";
    }

    /** Whether the operator's definition lets a type variable have the type that the letter stands for. */
    public boolean allows(String variable, char letter) {
        return halves.getOrDefault(variable, "").indexOf(letter) >= 0;
    }

    /** Whether the other takes the same inputs and outputs, and perhaps more behind them that may be left out, so that only the types or defaults may differ. */
    boolean hasSignatureOf(Operator other) {
        return other.inputs.size() >= inputs.size()
                && inputs.equals(other.inputs.subList(0, inputs.size()))
                && outputs.equals(other.outputs);
    }
}
