package io.shusuan.scheduler.spec;

import org.jspecify.annotations.Nullable;

/**
 * One thing wrong with a submitted text.
 *
 * @param line from 1
 * @param column from 1
 * @param path where in the document, e.g. {@code taskRoles[0].ports[1]}; empty for the document itself
 * @param found what stands there, shortened
 * @param allowed what may stand there
 * @param suggestion the nearest valid key or value where the text looks like a typo of it
 */
public record Fault(
        FaultCode code,
        String message,
        int line,
        int column,
        String path,
        String found,
        String allowed,
        @Nullable String suggestion) {}
