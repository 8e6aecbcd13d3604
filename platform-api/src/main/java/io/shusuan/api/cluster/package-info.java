/** What the platform runs on, over REST. */
@NullMarked
package io.shusuan.api.cluster;

import org.jspecify.annotations.NullMarked;
