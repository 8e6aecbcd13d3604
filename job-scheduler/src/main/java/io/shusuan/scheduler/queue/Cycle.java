package io.shusuan.scheduler.queue;

import io.shusuan.scheduler.queue.Decision.Admit;
import io.shusuan.scheduler.queue.Decision.Evict;
import io.shusuan.scheduler.queue.Decision.Preempt;
import io.shusuan.scheduler.queue.Nomination.Fits;
import io.shusuan.scheduler.queue.Nomination.Lacks;
import io.shusuan.scheduler.queue.Reservations.Kept;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/** One cycle, in seven steps over one snapshot. */
final class Cycle {

    private final Snapshot snapshot;
    private final Books books;
    private final Intake intake;
    private final Nominations nominations;
    private final Takeovers takeovers;
    private final Reservations reservations;
    private final Growth growth;
    private final List<Candidate> heads = new ArrayList<>();

    Cycle(Snapshot snapshot) {
        this.snapshot = snapshot;
        books = new Books(snapshot);
        intake = new Intake(snapshot, books);
        nominations = new Nominations(books);
        takeovers = new Takeovers(books, snapshot);
        reservations = new Reservations(books, snapshot);
        growth = new Growth(books, intake, nominations, snapshot);
    }

    List<Decision> decide() {
        var decisions = new ArrayList<Decision>(snapshot.waiting().size());
        clearStoppedQueues(decisions);
        keepPromises();
        admitInTurn();
        reserveForTheOldest();
        backfill();
        grow(decisions);
        explain(decisions);
        return decisions;
    }

    /** First: who runs in a stopped queue has to leave. */
    private void clearStoppedQueues(List<Decision> decisions) {
        for (var tenant : books.tenants) {
            if (!tenant.isLeaving() && intake.isStopped(tenant)) {
                books.leaves(tenant);
                decisions.add(new Evict(tenant.running.job()));
            }
        }
    }

    /** Second: who was promised something comes before all others, the oldest first. */
    private void keepPromises() {
        for (var candidate : intake.promised()) {
            if (!look(candidate, true) && isBlocked(candidate)) {
                reservations.keep(candidate);
            }
        }
    }

    /** Third: everybody, queue after queue in the order of fair shares, until nobody is left to be looked at. */
    private void admitInTurn() {
        var turns = new Turns(books.tree, books.planned, intake.lines());
        for (var line = turns.next(); line != null; line = turns.next()) {
            // While nothing is given to it, a queue's share stays what it was, and so it stays its turn.
            var given = false;
            while (!given && line.hasNext()) {
                var candidate = line.next();
                given = !candidate.isDecided() && !candidate.isPromised() && look(candidate, !line.isBlocked());
                if (!given && !line.isBlocked() && isBlocked(candidate)) {
                    line.block();
                    if (!candidate.isPromised()) {
                        heads.add(candidate);
                    }
                }
            }
        }
    }

    private static boolean isBlocked(Candidate candidate) {
        var shortage = candidate.shortage();
        return !candidate.isDecided() && shortage != null && !shortage.isHopeless();
    }

    /** Returns whether it got something: admission, or what others leave for it. */
    private boolean look(Candidate candidate, boolean asHead) {
        return switch (nominations.nominate(candidate)) {
            case Fits fits -> {
                admit(candidate, fits);
                yield true;
            }
            case Lacks lacks -> {
                candidate.waitsFor(lacks.shortage());
                yield asHead && !lacks.shortage().isHopeless() && takeWhatOthersLeave(candidate);
            }
        };
    }

    private void admit(Candidate candidate, Fits fits) {
        var placement = books.admit(candidate, fits.size(), fits.plan(), snapshot.time());
        candidate.decide(new Admit(candidate.waiting.job(), placement));
    }

    private boolean takeWhatOthersLeave(Candidate candidate) {
        if (books.someLeave()) {
            var fits = nominations.nominateAfterDepartures(candidate);
            if (fits != null) {
                var lacking = Objects.requireNonNull(candidate.shortage());
                books.claim(candidate, fits.size(), fits.plan());
                candidate.isPromised(
                        new Promise(fits.plan().placement(books.site).nodes(), true, null));
                candidate.waitsFor(lacking.because(WaitReason.WAITING_FOR_PREEMPTED));
                return true;
            }
        }
        return admitFromReserve(candidate) || preempt(candidate);
    }

    /** What is kept for those who would borrow it gives way to who only wants its own. */
    private boolean admitFromReserve(Candidate candidate) {
        var lenders = reservations.borrowed();
        if (lenders.isEmpty() || !intake.ownsOf(candidate)) {
            return false;
        }
        reservations.giveUp(lenders);
        var former = candidate.request.shortage();
        candidate.request.isShortOf(null);
        if (nominations.nominate(candidate) instanceof Fits fits) {
            admit(candidate, fits);
            for (var lender : lenders) {
                lender.candidate().isPromised(null);
                reservations.keep(lender.candidate());
            }
            return true;
        }
        candidate.request.isShortOf(former);
        reservations.restore(lenders);
        return false;
    }

    private boolean preempt(Candidate candidate) {
        var takeover = takeovers.find(candidate);
        if (takeover == null) {
            return false;
        }
        takeovers.begin(takeover);
        books.claim(candidate, takeover.size(), takeover.plan());
        var promise = new Promise(takeover.plan().placement(books.site).nodes(), true, null);
        candidate.decide(new Preempt(candidate.waiting.job(), takeover.told(), promise));
        return true;
    }

    /** Fourth: of the first of each queue that have to wait, those who have waited longest get a promise. */
    private void reserveForTheOldest() {
        heads.sort(Candidate::inOrder);
        for (var head : heads) {
            if (!head.isPromised() && !reservations.keep(head)) {
                keepInsteadOfYounger(head);
            }
        }
    }

    /** A promise to one who came later is no reason to wait for ever. */
    private void keepInsteadOfYounger(Candidate head) {
        var younger = reservations.behind(head);
        if (younger.isEmpty()) {
            return;
        }
        reservations.giveUp(younger);
        if (!reservations.keep(head)) {
            reservations.restore(younger);
            return;
        }
        for (var each : younger) {
            each.candidate().isPromised(null);
            reservations.keep(each.candidate());
        }
    }

    /** Fifth: who is over before the first promise is due may use what is kept until then. */
    private void backfill() {
        var kept = reservations.withStart();
        var first = kept.stream().map(Kept::start).filter(Objects::nonNull).min(Comparator.naturalOrder());
        if (first.isEmpty()) {
            return;
        }
        reservations.giveUp(kept);
        intake.rewindTo(snapshot.time(), first.get());
        var turns = new Turns(books.tree, books.planned, intake.lines());
        for (var line = turns.next(); line != null; line = turns.next()) {
            if (nominations.nominate(line.peek()) instanceof Fits fits) {
                admit(line.peek(), fits);
            }
            line.next();
        }
    }

    /** Sixth: who began with fewer tasks than it asked for may begin anew with more, if nobody who waits could have them. */
    private void grow(List<Decision> decisions) {
        var grows = growth.next();
        if (grows != null) {
            decisions.add(grows);
        }
    }

    /** Seventh: one decision each, with the reason and the position of who waits. */
    private void explain(List<Decision> decisions) {
        decisions.addAll(intake.decisions());
    }
}
