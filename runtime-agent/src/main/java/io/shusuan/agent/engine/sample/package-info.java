/** What a model is calibrated with and judged by: inputs as they really come, with labels where there are some. */
@NullMarked
package io.shusuan.agent.engine.sample;

import org.jspecify.annotations.NullMarked;
