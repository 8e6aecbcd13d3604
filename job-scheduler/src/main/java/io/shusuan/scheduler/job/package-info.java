/**
 * Brings jobs in the cluster to what the database says, and back. A submission commits the intent; admission moves whole
 * gangs; the reconciler applies, observes and records. Each step may be cut off anywhere and is simply taken again.
 */
@NullMarked
package io.shusuan.scheduler.job;

import org.jspecify.annotations.NullMarked;
