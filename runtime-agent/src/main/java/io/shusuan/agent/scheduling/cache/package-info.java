/**
 * Answers that are given again. A model whose configuration enables {@code response_cache} is asked only for what it has not been asked
 * before; the answers of all models share one memory that is bounded in bytes.
 */
@NullMarked
package io.shusuan.agent.scheduling.cache;

import org.jspecify.annotations.NullMarked;
