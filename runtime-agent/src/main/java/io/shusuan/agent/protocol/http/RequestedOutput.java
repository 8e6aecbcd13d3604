package io.shusuan.agent.protocol.http;

import io.shusuan.agent.protocol.sharedmemory.SharedPlace;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An output the caller asked for: as bytes or as JSON (null: as the whole request says), and with {@code classes} above zero only
 * the names of that many highest values; in the answer, or in shared memory.
 */
record RequestedOutput(String name, @Nullable Boolean binary, int classes, Optional<SharedPlace> place) {}
