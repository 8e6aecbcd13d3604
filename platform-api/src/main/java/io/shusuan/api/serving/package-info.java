/** The serving gateway: requests to {@code /serve/{job}/…} go to a ready replica of that inference job. */
@NullMarked
package io.shusuan.api.serving;

import org.jspecify.annotations.NullMarked;
