package io.shusuan.scheduler.queue;

import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.queue.Option.Size;
import io.shusuan.scheduler.queue.placement.Ask;
import io.shusuan.scheduler.queue.placement.Need;
import io.shusuan.scheduler.queue.placement.Placer;
import io.shusuan.scheduler.queue.placement.Proximity;
import io.shusuan.scheduler.queue.placement.Room;
import io.shusuan.scheduler.queue.quota.Account;
import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.queue.quota.Lack;
import io.shusuan.scheduler.queue.quota.Resource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Says why a candidate does not fit. Of several options the one is told that came nearest to running; within one, the first
 * obstacle in the order of precedence.
 */
final class Explanations {

    private static final int HOLDERS_TOLD = 3;

    private record Spot(@Nullable Account account, int place) {}

    private final Books books;
    private final Placer emptyNodes;
    private final Placer now;
    private final Map<Spot, List<Holder>> holders = new HashMap<>();

    Explanations(Books books) {
        this.books = books;
        emptyNodes = new Placer(books.site, Room.of(books.site, false));
        now = new Placer(books.site, books.space.current());
    }

    Shortage explain(Candidate candidate) {
        Shortage nearest = null;
        for (var option : candidate.request.options) {
            var shortage = explain(candidate, option.least());
            if (nearest == null || shortage.reason().compareTo(nearest.reason()) > 0) {
                nearest = shortage;
            }
        }
        return nearest != null
                ? nearest
                : Shortage.of(
                        WaitReason.MISCONFIGURED,
                        "%s has no quota of a flavour that all roles may run on".formatted(candidate.request.account));
    }

    private Shortage explain(Candidate candidate, Size size) {
        var ask = candidate.request.ask;
        var never = neverFits(ask, size);
        if (never != null) {
            return never;
        }
        var account = candidate.request.account;
        var most = books.empty.lack(account, size.charge());
        if (most != null) {
            return shortage(WaitReason.EXCEEDS_MAX_QUOTA, account, most);
        }
        var user = books.users.shortage(account, candidate.waiting.user(), size.charge());
        if (user != null) {
            return user;
        }
        var held = books.held.lack(account, size.charge());
        if (held != null) {
            return shortage(WaitReason.WAITING_FOR_QUOTA, account, held);
        }
        if (!books.allowLater(account, candidate.waiting.user(), size.charge())) {
            return placement(WaitReason.WAITING_FOR_TURN, size.needs().getFirst(), "the quota", 0);
        }
        return lacksNodes(ask, size);
    }

    private @Nullable Shortage neverFits(Ask ask, Size size) {
        for (var need : size.needs()) {
            var places = emptyNodes.most(need, ask.proximity());
            if (places < need.tasks()) {
                return never(need, ask, places);
            }
        }
        if (size.needs().size() > 1 && emptyNodes.place(size.needs(), ask.proximity(), ask.packing()) == null) {
            return never(size.needs().getFirst(), ask, 0);
        }
        return null;
    }

    private Shortage never(Need need, Ask ask, int places) {
        var role = need.role();
        if (books.site.size() > 0 && books.site.hasNone(role.where())) {
            var wish = role.where().wish();
            var what = "role %s asks for %s, but %s; ask for what there is, or add such a node"
                    .formatted(
                            role.name(),
                            wish.isEmpty() ? role.where().plainly() : wish,
                            books.site.insteadOf(role.where()));
            return new Shortage(WaitReason.NO_MATCHING_NODE, what, "", null, need.tasks(), 0, List.of());
        }
        if (books.site.isTooSmallFor(role)) {
            var what = "a task of role %s asks for %s, but %s; ask for less, or add a larger node"
                    .formatted(role.name(), role.perTask(), books.site.largest(role.where()));
            return new Shortage(WaitReason.NO_MATCHING_NODE, what, "", null, need.tasks(), 0, List.of());
        }
        var where = ask.proximity().kind() == Proximity.Kind.REQUIRED
                ? "no empty %s has more, and the largest"
                        .formatted(ask.proximity().level())
                : "the whole cluster";
        return new Shortage(WaitReason.NO_MATCHING_NODE, what(need), where, null, need.tasks(), places, List.of());
    }

    private Shortage lacksNodes(Ask ask, Size size) {
        var need = tightest(size);
        if (now.place(size.needs(), ask.proximity(), ask.packing()) != null) {
            return placement(WaitReason.WAITING_FOR_TURN, need, "the nodes", 0);
        }
        // By what is free now, as before: of places that are kept for others it is not true that there are too few.
        if (ask.proximity().kind() == Proximity.Kind.REQUIRED
                && now.place(size.needs(), Proximity.ANYWHERE, ask.packing()) != null) {
            var places = books.open.most(need, ask.proximity());
            return placement(
                    WaitReason.TOPOLOGY_PLACEMENT_FAILED, need, ask.proximity().level(), places);
        }
        return placement(
                WaitReason.WAITING_FOR_CAPACITY, need, "the cluster", books.open.most(need, Proximity.ANYWHERE));
    }

    /** The role that is furthest from having its places. */
    private Need tightest(Size size) {
        return size.needs().stream()
                .min(Comparator.comparingInt(need -> books.open.most(need, Proximity.ANYWHERE) - need.tasks()))
                .orElseThrow();
    }

    private Shortage placement(WaitReason reason, Need need, String where, int places) {
        var resource = need.role().perTask().gpus() > 0 ? Resource.GPU : Resource.CPU;
        var place = books.tree.place(need.flavour(), resource);
        return new Shortage(reason, what(need), where, null, need.tasks(), places, holders(null, place));
    }

    private Shortage shortage(WaitReason reason, Account account, Lack lack) {
        var holding =
                reason == WaitReason.WAITING_FOR_QUOTA ? holders(lack.account(), lack.place()) : List.<Holder>of();
        var where = account == lack.account() ? account.toString() : "%s in %s".formatted(account, lack.account());
        return new Shortage(reason, lack.what(), where, lack.resource(), lack.asked(), lack.free(), holding);
    }

    private static String what(Need need) {
        Resources each = need.role().perTask();
        var wish = need.role().where().wish();
        var tasks = "task(s) of role %s, %s each%s"
                .formatted(need.role().name(), each, wish.isEmpty() ? "" : " on " + wish);
        return need.flavour().equals(FlavourName.DEFAULT)
                ? tasks
                : "%s, on flavour %s".formatted(tasks, need.flavour());
    }

    /** @param cohort whose members are meant; null for all queues */
    private List<Holder> holders(@Nullable Account cohort, int place) {
        return place < 0 ? List.of() : holders.computeIfAbsent(new Spot(cohort, place), this::largest);
    }

    private List<Holder> largest(Spot spot) {
        var accounts = new ArrayList<Account>();
        if (spot.account == null) {
            books.tree.accounts().stream().filter(Account::isQueue).forEach(accounts::add);
        } else if (spot.account.isQueue()) {
            accounts.add(spot.account);
        } else {
            accounts.addAll(spot.account.children());
        }
        return accounts.stream()
                .map(account -> new Holder(
                        account.name(), books.tree.resource(spot.place), books.held.used(account, spot.place)))
                .filter(holder -> holder.amount() > 0)
                .sorted(Comparator.comparingLong(Holder::amount).reversed().thenComparing(Holder::name))
                .limit(HOLDERS_TOLD)
                .toList();
    }
}
