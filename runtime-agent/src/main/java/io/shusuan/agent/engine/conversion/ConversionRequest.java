package io.shusuan.agent.engine.conversion;

import io.shusuan.agent.engine.calibration.Method;
import io.shusuan.agent.engine.gate.Limits;
import io.shusuan.agent.engine.precision.Keep;
import io.shusuan.agent.engine.precision.Target;
import java.nio.file.Path;

/**
 * What is asked of a conversion.
 *
 * @param output the folder that the result becomes, such as a version of a model in a repository
 * @param dotProducts whether the processor that will run it has them for integers of 8 bits
 * @param perChannel whether each channel of weights gets a scale of its own
 * @param batch samples in one run of calibration and comparison, where the model leaves that open
 */
public record ConversionRequest(
        Path model,
        Path samples,
        Path output,
        boolean replace,
        Precision precision,
        Target target,
        boolean dotProducts,
        Keep keep,
        Method method,
        boolean perChannel,
        int batch,
        int threads,
        Limits limits) {}
