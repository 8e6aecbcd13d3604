/**
 * What the queue decided, and from what: cycles as they are kept, and what can be asked about them later. Since the decision is pure, it is
 * made again from what was kept by the same code (DESIGN.md).
 */
@NullMarked
package io.shusuan.scheduler.replay;

import org.jspecify.annotations.NullMarked;
