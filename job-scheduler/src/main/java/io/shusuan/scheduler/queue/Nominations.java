package io.shusuan.scheduler.queue;

import io.shusuan.scheduler.queue.Nomination.Fits;
import io.shusuan.scheduler.queue.Nomination.Lacks;
import io.shusuan.scheduler.queue.Option.Size;
import org.jspecify.annotations.Nullable;

/** Tries a candidate's options against quota and nodes, as many of its tasks as fit. */
final class Nominations {

    private final Books books;
    private final Explanations explanations;

    Nominations(Books books) {
        this.books = books;
        explanations = new Explanations(books);
    }

    Nomination nominate(Candidate candidate) {
        var known = candidate.request.shortage();
        if (known != null) {
            return new Lacks(known);
        }
        var allowed = true;
        for (var option : candidate.request.options) {
            var fits = fitting(candidate, option);
            if (fits != null) {
                return fits;
            }
            allowed &= books.users.allow(
                    candidate.request.account,
                    candidate.waiting.user(),
                    option.least().charge());
        }
        var shortage = explanations.explain(candidate);
        if (allowed) {
            // Another user's limit may leave more: only what holds for all of the queue is kept.
            candidate.request.isShortOf(shortage);
        }
        return new Lacks(shortage);
    }

    private @Nullable Fits fitting(Candidate candidate, Option option) {
        var full = fitting(candidate, option.full());
        if (full != null || candidate.request.ask.slack() == 0) {
            return full;
        }
        var best = fitting(candidate, option.least());
        var tooMany = 0;
        var enough = candidate.request.ask.slack();
        while (best != null && enough - tooMany > 1) {
            var middle = (tooMany + enough) / 2;
            var fits = fitting(candidate, option.without(middle));
            if (fits != null) {
                best = fits;
                enough = middle;
            } else {
                tooMany = middle;
            }
        }
        return best;
    }

    private @Nullable Fits fitting(Candidate candidate, Size size) {
        if (!books.allow(candidate.request.account, candidate.waiting.user(), size.charge())) {
            return null;
        }
        var ask = candidate.request.ask;
        var plan = books.open.place(size.needs(), ask.proximity(), ask.packing());
        return plan == null ? null : new Fits(size, plan);
    }

    /** Whether it could run once those are gone that leave. */
    @Nullable
    Fits nominateAfterDepartures(Candidate candidate) {
        var ask = candidate.request.ask;
        for (var option : candidate.request.options) {
            var size = option.least();
            if (books.allowLater(candidate.request.account, candidate.waiting.user(), size.charge())) {
                var plan = books.afterDepartures.place(size.needs(), ask.proximity(), ask.packing());
                if (plan != null) {
                    return new Fits(size, plan);
                }
            }
        }
        return null;
    }
}
