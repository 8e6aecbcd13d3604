package io.shusuan.agent.inference;

/** Hears of the requests that a request to an ensemble becomes. */
public interface StepFollower {
    StepFollower NOBODY = (_, next) -> next;

    /** The completion to give to the step's model in place of the ensemble's. */
    Completion follow(InferenceRequest step, Completion next);
}
