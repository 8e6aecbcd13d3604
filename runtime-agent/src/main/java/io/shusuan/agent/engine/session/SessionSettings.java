package io.shusuan.agent.engine.session;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How a model is opened.
 *
 * @param optimised whether the engine may rewrite the graph, as it does when it serves
 * @param profile the beginning of the file's name that times go to
 */
public record SessionSettings(int threads, boolean optimised, Optional<Path> profile) {
    /** The graph as it is written, on all cores. */
    public static SessionSettings literal() {
        return new SessionSettings(Runtime.getRuntime().availableProcessors(), false, Optional.empty());
    }

    /** As it will be served. */
    public static SessionSettings serving(int threads) {
        return new SessionSettings(threads, true, Optional.empty());
    }

    SessionOptions options() throws OrtException {
        var options = new SessionOptions();
        options.setIntraOpNumThreads(threads);
        options.setInterOpNumThreads(1);
        options.setOptimizationLevel(optimised ? SessionOptions.OptLevel.ALL_OPT : SessionOptions.OptLevel.NO_OPT);
        if (profile.isPresent()) {
            options.enableProfiling(profile.get().toString());
        }
        return options;
    }
}
