package io.shusuan.scheduler.queue;

import io.shusuan.scheduler.queue.placement.Ask;
import io.shusuan.scheduler.queue.quota.Account;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/** The jobs of a queue, in the order in which they are looked at. */
final class Line {

    final Account account;
    private final List<Candidate> all = new ArrayList<>();
    private final Map<Ask, Request> requests = new HashMap<>();
    private List<Candidate> toSee = List.of();
    private int next;
    private boolean blocked;

    Line(Account account) {
        this.account = account;
    }

    /** The one request of all equal asks. */
    Request request(Ask ask, Function<Ask, List<Option>> options) {
        return requests.computeIfAbsent(ask, each -> new Request(account, each, options.apply(each)));
    }

    void add(Candidate candidate) {
        all.add(candidate);
    }

    void sort() {
        all.sort(Candidate::inOrder);
    }

    /** Begins anew, with those who wait and of whom this holds. */
    void see(Predicate<Candidate> which) {
        toSee = all.stream()
                .filter(candidate -> !candidate.isDecided() && which.test(candidate))
                .toList();
        next = 0;
    }

    /** What was too little may be enough now. */
    void forgetShortages() {
        requests.values().forEach(request -> request.isShortOf(null));
    }

    boolean hasNext() {
        return next < toSee.size();
    }

    Candidate peek() {
        return toSee.get(next);
    }

    Candidate next() {
        return toSee.get(next++);
    }

    /** Whether its first job that has to wait was met. */
    boolean isBlocked() {
        return blocked;
    }

    void block() {
        blocked = true;
    }

    List<Candidate> all() {
        return all;
    }
}
