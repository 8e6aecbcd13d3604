/**
 * A model's configuration: the text of {@code config.pbtxt} read with file and line in its errors, what the text leaves out
 * completed from the model itself, and the result checked, so that what cannot be honoured is refused when the model is loaded
 * and never ignored when it is called.
 */
@NullMarked
package io.shusuan.agent.config;

import org.jspecify.annotations.NullMarked;
