package io.shusuan.scheduler.cluster;

import org.jspecify.annotations.Nullable;

/**
 * Which part of an output is wanted.
 *
 * @param after only lines behind this cursor, as an earlier {@link LogReader.Read.Line} gave it
 * @param tailLines at most the last so many lines to begin with; ignored with a cursor; -1 for all
 * @param follow wait for more until the attempt has ended
 */
public record LogQuery(@Nullable String after, int tailLines, boolean follow) {}
