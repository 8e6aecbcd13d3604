package io.shusuan.agent.engine.gate;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.sample.Batches;
import io.shusuan.agent.engine.session.RunnableModel;
import io.shusuan.agent.engine.session.Value;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** How a converted model's answers to the samples compare with the original's. */
public record Accuracy(int samples, List<OutputError> outputs, Optional<TaskAccuracy> task) {
    public Accuracy {
        outputs = List.copyOf(outputs);
    }

    public static Accuracy compare(RunnableModel original, RunnableModel converted, Batches batches)
            throws EngineException {
        var sums = new LinkedHashMap<String, ErrorSum>();
        int[] before = new int[batches.samples()];
        int[] after = new int[batches.samples()];
        boolean classifies = false;
        for (int i = 0; i < batches.count(); i++) {
            var inputs = batches.get(i);
            var expected = original.run(inputs);
            var answers = converted.run(inputs);
            for (var entry : expected.entrySet()) {
                var answer = answer(answers, entry.getKey(), entry.getValue());
                var sum = sums.computeIfAbsent(entry.getKey(), ErrorSum::new);
                if (entry.getValue().isFloating()) {
                    sum.add(entry.getValue().floats(), answer.floats());
                } else {
                    sum.count(entry.getValue(), answer);
                }
            }
            var rows = batches.first(i + 1) - batches.first(i);
            classifies = Classes.fill(expected, before, batches.first(i), rows)
                    && Classes.fill(answers, after, batches.first(i), rows);
        }
        if (sums.isEmpty()) {
            throw new EngineException(
                    Fault.SAMPLES_MISMATCH,
                    "the models cannot be compared: every output is text, a sequence or a map; export it with an output of numbers"
                            + " (skl2onnx: options={'zipmap': False})");
        }
        var task = classifies
                ? batches.labels().map(labels -> new TaskAccuracy(share(labels, before), share(labels, after)))
                : Optional.<TaskAccuracy>empty();
        return new Accuracy(
                batches.samples(), sums.values().stream().map(ErrorSum::result).toList(), task);
    }

    private static Value answer(Map<String, Value> answers, String output, Value expected) throws EngineException {
        var answer = answers.get(output);
        if (answer == null || !Arrays.equals(answer.shape(), expected.shape())) {
            throw new EngineException(
                    Fault.SAMPLES_MISMATCH,
                    "the models cannot be compared: output '" + output + "' has the shape "
                            + Arrays.toString(expected.shape()) + " in the first and "
                            + (answer == null ? "is missing" : Arrays.toString(answer.shape())) + " in the second");
        }
        return answer;
    }

    private static double share(int[] labels, int[] found) {
        long right = IntStream.range(0, labels.length)
                .filter(i -> labels[i] == found[i])
                .count();
        return (double) right / labels.length;
    }
}
