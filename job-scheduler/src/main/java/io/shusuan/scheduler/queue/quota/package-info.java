/**
 * Who may use how much: a tree of cohorts and queues, what each owns of every flavour of nodes, what it may borrow and must
 * lend, and how far each is above its fair share.
 */
@NullMarked
package io.shusuan.scheduler.queue.quota;

import org.jspecify.annotations.NullMarked;
