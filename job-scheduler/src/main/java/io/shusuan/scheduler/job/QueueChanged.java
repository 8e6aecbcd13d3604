package io.shusuan.scheduler.job;

import io.shusuan.db.queue.QueueName;

/** Told after the commit that made, held or resumed a queue. */
record QueueChanged(QueueName queue) {}
