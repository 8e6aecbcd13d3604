/**
 * What node agents tell of GPUs that are not well, and what the platform does about it: each fault is kept as long as it stands, with what was done because
 * of it, so that it is done once whichever replica hears of it, and not again after an administrator has decided otherwise.
 */
@NullMarked
package io.shusuan.scheduler.node;

import org.jspecify.annotations.NullMarked;
