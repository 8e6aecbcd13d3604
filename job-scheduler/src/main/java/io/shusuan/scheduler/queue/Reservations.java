package io.shusuan.scheduler.queue;

import io.shusuan.scheduler.queue.Option.Size;
import io.shusuan.scheduler.queue.placement.Need;
import io.shusuan.scheduler.queue.placement.Outlook;
import io.shusuan.scheduler.queue.placement.Placer;
import io.shusuan.scheduler.queue.placement.Plan;
import io.shusuan.scheduler.queue.placement.Room;
import io.shusuan.scheduler.queue.placement.Space;
import io.shusuan.scheduler.queue.quota.Charge;
import io.shusuan.scheduler.queue.quota.Ledger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps room free for jobs that cannot run yet: plans where and when each will be able to, by letting the running jobs end one
 * after the other, and takes out of the plans of others what it needs beyond what those give back.
 */
final class Reservations {

    /** @param owned whether its queue owns what is kept, and does not have to borrow it */
    record Kept(
            Candidate candidate,
            Charge charge,
            List<Space.Closed> closed,
            @Nullable Moment start,
            boolean owned) {}

    private record Forecast(
            Plan plan,
            Room then,
            Charge.Sum ownReturns,
            @Nullable Moment start) {}

    private final Books books;
    private final Moment now;
    private final int most;
    private final List<Kept> kept = new ArrayList<>();
    private final List<Tenant> byEnd = new ArrayList<>();

    /** How many of those admitted in this cycle are among them; less than zero before the first use. */
    private int known = -1;

    Reservations(Books books, Snapshot snapshot) {
        this.books = books;
        now = snapshot.time();
        most = snapshot.rules().reservations();
    }

    boolean areLeft() {
        return kept.size() < most;
    }

    /** Returns whether room is kept for it now. A former promise is kept where it was given, if that is still possible. */
    boolean keep(Candidate candidate) {
        if (!areLeft()) {
            return false;
        }
        for (var option : candidate.request.options) {
            var size = option.least();
            var former = candidate.waiting.promise();
            var forecast = former == null ? null : forecast(candidate, size, on(former.nodes(), size));
            if (forecast == null) {
                forecast = forecast(candidate, size, size.needs());
            }
            if (forecast != null) {
                keep(candidate, size, forecast);
                return true;
            }
        }
        return false;
    }

    private static List<Need> on(List<String> nodes, Size size) {
        return size.needs().stream().map(need -> need.on(nodes)).toList();
    }

    private void keep(Candidate candidate, Size size, Forecast forecast) {
        var owned = books.ownsWith(candidate.request.account, size.charge());
        var charge = size.charge().less(forecast.ownReturns);
        var nodes = forecast.plan.placement(books.site).nodes();
        books.planned.use(candidate.request.account, charge);
        var closed = books.space.close(forecast.plan, forecast.then);
        kept.add(new Kept(candidate, charge, closed, forecast.start, owned));
        candidate.isPromised(new Promise(nodes, false, forecast.start));
    }

    private @Nullable Forecast forecast(Candidate candidate, Size size, List<Need> needs) {
        var account = candidate.request.account;
        var ask = candidate.request.ask;
        Ledger ledger = books.planned.copy();
        ledger.use(account, size.charge());
        var room = books.space.planned().copy();
        var outlook = new Outlook(books.site, room, needs, ask.proximity());
        var ownReturns = books.tree.sum();
        Moment start = now;
        for (var tenant : byEnd()) {
            if (tenant.isLeaving()) {
                continue; // is gone in these plans
            }
            tenant.leave(ledger);
            tenant.leave(room);
            for (var node : tenant.nodes()) {
                if (node >= 0) {
                    outlook.changed(node);
                }
            }
            if (tenant.account == account) {
                ownReturns.add(tenant.charge);
            }
            start = start == null ? null : later(start, tenant.running.ending());
            if (outlook.isMet() && ledger.isSound(account, size.charge())) {
                var plan = new Placer(books.site, room).place(needs, ask.proximity(), ask.packing());
                if (plan != null) {
                    return new Forecast(plan, room, ownReturns, start);
                }
            }
        }
        return null;
    }

    private static @Nullable Moment later(Moment start, Ending ending) {
        return switch (ending) {
            case Ending.By by -> by.moment().compareTo(start) > 0 ? by.moment() : start;
            case Ending.Unknown unknown -> null;
            case Ending.Never never -> null;
        };
    }

    /** Who will be gone, the first ones first. Of who has no limit it is guessed that half of it is over. */
    private List<Tenant> byEnd() {
        if (known != books.admitted.size()) {
            // What was sorted before stays so: only the new ones have to find their places.
            byEnd.addAll(books.admitted.subList(Math.max(0, known), books.admitted.size()));
            if (known < 0) {
                byEnd.addAll(books.tenants);
            }
            known = books.admitted.size();
            byEnd.removeIf(tenant -> tenant.running.ending() instanceof Ending.Never);
            byEnd.sort(this::inOrderOfEnd);
        }
        return byEnd;
    }

    private int inOrderOfEnd(Tenant one, Tenant other) {
        var order = Long.compare(expectedEnd(one), expectedEnd(other));
        return order != 0 ? order : one.running.job().compareTo(other.running.job());
    }

    private long expectedEnd(Tenant tenant) {
        return tenant.running.ending() instanceof Ending.By(Moment moment)
                ? moment.millis()
                : 2 * now.millis() - tenant.running.started().millis();
    }

    /** Those for whom is kept what they would have to borrow. */
    List<Kept> borrowed() {
        return kept.stream().filter(each -> !each.owned).toList();
    }

    /** Gives back what is kept for them. */
    void giveUp(List<Kept> which) {
        kept.removeAll(which);
        for (var each : which) {
            books.planned.release(each.candidate.request.account, each.charge);
            books.space.open(each.closed);
        }
    }

    /** Those of whom others, who stand before them, may take what is kept. */
    List<Kept> behind(Candidate candidate) {
        return kept.stream()
                .filter(each -> Candidate.inOrder(candidate, each.candidate) < 0)
                .toList();
    }

    /** Keeps the same again. */
    void restore(List<Kept> which) {
        for (var each : which) {
            books.planned.use(each.candidate.request.account, each.charge);
            books.space.close(each.closed);
            kept.add(each);
        }
    }

    /** Those of whom it is known when they can start at the latest. */
    List<Kept> withStart() {
        return kept.stream().filter(each -> each.start != null).toList();
    }
}
