/** The conversions: half precision, and quantisation by pairs of QuantizeLinear and DequantizeLinear. */
@NullMarked
package io.shusuan.agent.engine.precision;

import org.jspecify.annotations.NullMarked;
