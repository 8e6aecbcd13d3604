/** What programs see: REST under {@code /api/v1}, its description, and the gateway to inference jobs under {@code /serve}. */
@NullMarked
package io.shusuan.api;

import org.jspecify.annotations.NullMarked;
