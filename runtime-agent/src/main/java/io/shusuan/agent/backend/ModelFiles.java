package io.shusuan.agent.backend;

/**
 * A version of a model as it lies on disk, whether anybody serves it or not.
 *
 * @param stamp another one when its files or its configuration have changed
 */
public record ModelFiles(ModelSource source, String stamp) {}
