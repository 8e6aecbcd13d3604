/** What the platform tells of itself: meters for Prometheus and the cluster's part of its health. */
@NullMarked
package io.shusuan.api.observation;

import org.jspecify.annotations.NullMarked;
