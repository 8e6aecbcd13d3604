package io.shusuan.agent.engine.session;

import io.shusuan.agent.engine.EngineException;
import java.util.Map;

/** A model that is ready to run, whatever runs it. Not for several threads. */
public interface RunnableModel {
    /** The outputs of one run that are tensors of numbers, by name. */
    Map<String, Value> run(Map<String, Value> inputs) throws EngineException;

    /** Puts inputs where the engine reads them, for runs of which nothing but the time is wanted. */
    BareRun bare(Map<String, Value> inputs) throws EngineException;

    /** One run, as often as wanted. */
    interface BareRun extends AutoCloseable {
        void run() throws EngineException;

        @Override
        void close();
    }
}
