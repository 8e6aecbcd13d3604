package io.shusuan.agent.scheduling;

import io.shusuan.agent.backend.Responses;
import io.shusuan.agent.inference.Tensor;
import java.util.List;

/** Keeps the states among what a step answers, and passes the rest on; an answer of states alone goes to nobody. */
record SteppedResponses(Assembly assembly, Batch batch, Responses answers) implements Responses {
    @Override
    public void send(List<Tensor> outputs) {
        var answer = assembly.split(outputs, batch).getFirst();
        if (!answer.isEmpty()) {
            answers.send(answer);
        }
    }

    @Override
    public void again() {
        answers.again();
    }
}
