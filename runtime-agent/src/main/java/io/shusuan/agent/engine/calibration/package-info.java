/** What values a model's tensors take, and which range of them a quantised tensor should keep. */
@NullMarked
package io.shusuan.agent.engine.calibration;

import org.jspecify.annotations.NullMarked;
