package io.shusuan.agent.engine.build;

import io.shusuan.agent.engine.sample.Samples;
import java.time.Duration;

/**
 * How a plan is run to be timed.
 *
 * @param batch samples in a run
 * @param streams how many run at the same time, each with an execution context and a thread of its own
 * @param time how long each kind of loop lasts
 */
public record EnqueueLoad(int gpu, Samples samples, int batch, int streams, Duration time) {}
