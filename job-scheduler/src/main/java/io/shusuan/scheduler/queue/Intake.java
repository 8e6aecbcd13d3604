package io.shusuan.scheduler.queue;

import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.QueueState;
import io.shusuan.scheduler.queue.placement.Ask;
import io.shusuan.scheduler.queue.placement.Shapes;
import io.shusuan.scheduler.queue.placement.Site;
import io.shusuan.scheduler.queue.quota.Account;
import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.queue.quota.Quota;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The waiting jobs of a snapshot: in lines, with those set aside that need not be looked at, and what becomes of each. */
final class Intake {

    private final Books books;
    private final Shapes shapes;
    private final Map<Account, Line> lines = new LinkedHashMap<>();
    private final Map<List<FlavourName>, Map<Ask, List<Option>>> options = new HashMap<>();
    private final @Nullable Candidate[] candidates;
    private final List<Waiting> waiting;

    /** The jobs for which others leave. */
    private final Set<JobId> awaited = new HashSet<>();

    Intake(Snapshot snapshot, Books books) {
        this.books = books;
        shapes = new Shapes(snapshot.site());
        waiting = snapshot.waiting();
        candidates = new Candidate[waiting.size()];
        for (var running : snapshot.running()) {
            var departure = running.departure();
            if (departure != null && departure.preemptor() != null) {
                awaited.add(departure.preemptor());
            }
        }
        for (var i = 0; i < candidates.length; i++) {
            candidates[i] = candidate(waiting.get(i), snapshot);
        }
        for (var line : lines.values()) {
            line.sort();
            line.see(candidate -> !candidate.isSetAside());
        }
    }

    private @Nullable Candidate candidate(Waiting job, Snapshot snapshot) {
        var account = books.tree.queue(job.queue());
        if (account == null) {
            return null;
        }
        var line = lines.computeIfAbsent(account, Line::new);
        var candidate = new Candidate(job, line.request(job.ask(), ask -> options(account, ask)), snapshot.rules());
        line.add(candidate);
        setAside(candidate, snapshot.site());
        return candidate;
    }

    private List<Option> options(Account account, Ask ask) {
        var quotas = account.rules().quotas();
        return options.computeIfAbsent(quotas.stream().map(Quota::flavour).toList(), flavours -> new HashMap<>())
                .computeIfAbsent(ask, each -> Option.of(each, quotas, books.tree, shapes));
    }

    private static void setAside(Candidate candidate, Site site) {
        var job = candidate.waiting;
        var state = candidate.request.account.rules().state();
        var hold = state == QueueState.OPEN ? job.hold() : Hold.closed(job.queue(), state);
        if (hold != null) {
            candidate.setAside(Shortage.of(hold.reason(), hold.sentence()));
        } else if (!site.knows(job.ask().proximity())) {
            candidate.setAside(Shortage.of(
                    WaitReason.MISCONFIGURED,
                    "the cluster has no level of topology named %s; it has %s"
                            .formatted(job.ask().proximity().level(), site.levels())));
        }
    }

    boolean isStopped(Tenant tenant) {
        return tenant.account != null && tenant.account.rules().state() == QueueState.STOPPED;
    }

    /** One who runs, as if it waited; nothing, if it would not be looked at then. */
    @Nullable
    Candidate again(Waiting job, Rules rules) {
        var account = books.tree.queue(job.queue());
        if (account == null) {
            return null;
        }
        var candidate = new Candidate(job, new Request(account, job.ask(), options(account, job.ask())), rules);
        setAside(candidate, books.site);
        return candidate.isSetAside() ? null : candidate;
    }

    /** The flavours of all nodes that somebody waits for. */
    Set<FlavourName> wantedFlavours() {
        var wanted = new HashSet<FlavourName>();
        for (var line : lines.values()) {
            line.all().stream()
                    .filter(Candidate::isWaiting)
                    .map(candidate -> candidate.request)
                    .distinct()
                    .forEach(request -> wanted.addAll(request.flavours()));
        }
        return wanted;
    }

    /** Whether one of its options is within what its queue owns. */
    boolean ownsOf(Candidate candidate) {
        return candidate.request.options.stream()
                .anyMatch(option ->
                        books.ownsWith(candidate.request.account, option.least().charge()));
    }

    /** Who was promised something: first those for whom others had to leave. */
    List<Candidate> promised() {
        return Arrays.stream(candidates)
                .filter(Objects::nonNull)
                .filter(candidate ->
                        !candidate.isSetAside() && (isCleared(candidate) || candidate.waiting.promise() != null))
                .sorted(Comparator.comparing((Candidate candidate) -> !isCleared(candidate))
                        .thenComparing(Candidate::inOrder))
                .toList();
    }

    private boolean isCleared(Candidate candidate) {
        var promise = candidate.waiting.promise();
        return awaited.contains(candidate.waiting.job()) || (promise != null && promise.cleared());
    }

    Map<Account, Line> lines() {
        return lines;
    }

    /** Has those seen once more who would be over by then. */
    void rewindTo(Moment now, Moment end) {
        for (var line : lines.values()) {
            line.forgetShortages();
            line.see(candidate -> !candidate.isSetAside()
                    && !candidate.isPromised()
                    && candidate.waiting.limit() != null
                    && now.plus(candidate.waiting.limit()).compareTo(end) <= 0);
        }
    }

    List<Decision> decisions() {
        for (var line : lines.values()) {
            var position = 0;
            var said = new HashSet<Shortage>();
            for (var candidate : line.all()) {
                if (!candidate.isAdmitted()) {
                    candidate.standsAt(++position);
                    candidate.waitsBehind(said);
                }
            }
        }
        var decisions = new ArrayList<Decision>(candidates.length);
        for (var i = 0; i < candidates.length; i++) {
            var candidate = candidates[i];
            decisions.add(candidate == null ? unknownQueue(waiting.get(i)) : candidate.decision());
        }
        return decisions;
    }

    private static Decision unknownQueue(Waiting job) {
        var why = Shortage.of(WaitReason.MISCONFIGURED, "there is no queue " + job.queue());
        return new Decision.Wait(job.job(), why, 1, null);
    }
}
