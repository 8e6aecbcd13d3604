package io.shusuan.agent.engine.build;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What is asked of a build.
 *
 * @param original what the plan is compared with; the model itself where it is not given
 * @param samples real inputs; made-up ones where they are not given
 * @param expected what callers will send, from which a profile follows where none is given
 */
public record BuildRequest(
        Path model,
        Optional<Path> original,
        Optional<Path> samples,
        int gpu,
        BuildOptions options,
        ExpectedShapes expected) {}
