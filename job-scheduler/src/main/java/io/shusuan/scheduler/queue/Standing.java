package io.shusuan.scheduler.queue;

import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.quota.Account;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where a waiting job stands when a cycle begins: what the order rests on in which jobs are looked at.
 *
 * @param rank less comes first in the queue
 * @param position how many of its queue are before it, and itself
 * @param promised whether room was kept for it, or others leave for it: then it comes before anybody's turn
 * @param shares how much its queue, and each cohort that it is in but the whole, would be above its own with it, the widest first; whose is
 *     less comes first
 */
public record Standing(
        JobId job,
        QueueName queue,
        int priority,
        Moment submitted,
        long rank,
        int position,
        boolean promised,
        List<Share> shares) {

    public Standing {
        shares = List.copyOf(shares);
    }

    /** What a member of the tree would have borrowed, of what its neighbours share, by its weight. */
    public record Share(String member, double share) {}

    /** Those of these jobs that wait in a queue that there is. */
    public static Map<JobId, Standing> of(Snapshot snapshot, Set<JobId> jobs) {
        var books = new Books(snapshot);
        var found = new HashMap<JobId, Standing>();
        var intake = new Intake(snapshot, books);
        var promised = Set.copyOf(intake.promised());
        for (var line : intake.lines().values()) {
            var position = 0;
            for (var candidate : line.all()) {
                position++;
                if (jobs.contains(candidate.waiting.job())) {
                    found.put(candidate.waiting.job(), of(candidate, position, promised.contains(candidate), books));
                }
            }
        }
        return found;
    }

    private static Standing of(Candidate candidate, int position, boolean promised, Books books) {
        var job = candidate.waiting;
        var account = candidate.request.account;
        var with = books.planned.sharesWith(account, candidate.request.charge(books.tree));
        var shares = new ArrayList<Share>();
        for (Account each = account; each != null && each.parent() != null; each = each.parent()) {
            shares.addFirst(new Share(each.toString(), with[with.length - 1 - shares.size()]));
        }
        return new Standing(
                job.job(), job.queue(), job.priority(), job.submitted(), candidate.rank, position, promised, shares);
    }
}
