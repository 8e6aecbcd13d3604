package io.shusuan.agent.backend;

import io.shusuan.agent.config.proto.ModelConfig;
import java.nio.file.Path;

/** One version of a model on disk, with what its configuration says so far and the number of instances that will be made. */
public record ModelSource(String model, long version, Path folder, ModelConfig config, int instances) {}
