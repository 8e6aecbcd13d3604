package io.shusuan.scheduler.queue.quota;

/**
 * Which quota a charge does not fit in.
 *
 * @param account who is short: the queue, where its borrowing limit is reached, or the cohort that has no more to lend
 * @param asked how much is asked for, of the resource and flavour named by {@code what}
 * @param free how much of it is left for the queue
 */
public record Lack(Account account, int place, String what, Resource resource, long asked, long free) {}
