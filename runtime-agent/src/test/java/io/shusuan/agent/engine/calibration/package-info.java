/** Values of known distributions, and which of them are kept. */
@NullMarked
package io.shusuan.agent.engine.calibration;

import org.jspecify.annotations.NullMarked;
