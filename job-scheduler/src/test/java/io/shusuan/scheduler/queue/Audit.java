package io.shusuan.scheduler.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.queue.placement.Ask;
import io.shusuan.scheduler.queue.placement.Node;
import io.shusuan.scheduler.queue.placement.Placement;
import io.shusuan.scheduler.queue.placement.Placement.Spot;
import io.shusuan.scheduler.queue.placement.Proximity;
import io.shusuan.scheduler.queue.placement.Role;
import io.shusuan.scheduler.queue.placement.Site;
import io.shusuan.scheduler.queue.quota.Cohort;
import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.Quota;
import io.shusuan.scheduler.queue.quota.Resource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A second, plainer reading of the rules: counts everything anew from what runs. */
final class Audit {

    private static final long PLENTY = 1L << 50;

    private Audit() {}

    static void quotasHold(Cohort root, Collection<Running> running) {
        for (var flavour : List.of(Worlds.FAST, Worlds.SLOW)) {
            for (var resource : Resource.values()) {
                var seen = member(root, running, flavour, resource, true);
                assertThat(seen.asked)
                        .as("what is used of %s %s in all, of which %s is there", flavour, resource, seen.own)
                        .isLessThanOrEqualTo(seen.own);
            }
        }
    }

    /** What a member needs of its parent, and what it lends to it. */
    private record Member(long own, long asked, long lent) {}

    private static Member member(
            Cohort cohort, Collection<Running> running, FlavourName flavour, Resource resource, boolean root) {
        var quota = quota(cohort.quotas(), flavour);
        var own = finite(resource.of(quota.nominal()));
        var used = 0L;
        for (var each : cohort.cohorts()) {
            var member = member(each, running, flavour, resource, false);
            own += member.lent;
            used += member.asked;
        }
        for (var each : cohort.queues()) {
            var mine = quota(each.quotas(), flavour);
            var uses = running.stream()
                    .filter(job -> job.queue().equals(each.name()))
                    .flatMap(job -> job.placement().spots().stream())
                    .filter(spot -> spot.flavour().equals(flavour))
                    .mapToLong(spot -> resource.of(spot.perTask()) * spot.tasks())
                    .sum();
            var member = boundary(each.name(), mine, finite(resource.of(mine.nominal())), uses, resource, false);
            own += member.lent;
            used += member.asked;
        }
        return boundary(cohort.name(), quota, own, used, resource, root);
    }

    private static Member boundary(Object name, Quota quota, long own, long used, Resource resource, boolean root) {
        if (root) {
            return new Member(own, used, 0);
        }
        var borrowing = finite(resource.of(quota.borrowing()));
        assertThat(used - own)
                .as("what %s borrows of %s %s", name, quota.flavour(), resource)
                .isLessThanOrEqualTo(borrowing);
        var lent = Math.min(own, finite(resource.of(quota.lending())));
        return new Member(own, Math.max(0, used - (own - lent)), lent);
    }

    private static Quota quota(List<Quota> quotas, FlavourName flavour) {
        return quotas.stream()
                .filter(quota -> quota.flavour().equals(flavour))
                .findFirst()
                .orElse(Quota.of(flavour, Limits.NONE));
    }

    private static long finite(long limit) {
        return limit == Limits.UNLIMITED ? PLENTY : limit;
    }

    /** What is free on each node, which must never be less than nothing. */
    static Map<String, Free> free(Site site, Collection<Running> running) {
        var free = new HashMap<String, Free>();
        for (var i = 0; i < site.size(); i++) {
            var node = site.node(i);
            free.put(node.name(), new Free(node.allocatable().minus(node.usedByOthers()), node.maxTasks()));
        }
        for (var job : running) {
            for (var spot : job.placement().spots()) {
                free.computeIfPresent(spot.node(), (name, left) -> left.less(spot));
            }
        }
        return free;
    }

    static void nodesHold(Site site, Collection<Running> running) {
        free(site, running)
                .forEach((node, left) -> assertThat(left.tasks >= 0 && Resources.NONE.fitsIn(left.resources))
                        .as("%s has %s left", node, left)
                        .isTrue());
    }

    record Free(Resources resources, int tasks) {

        private Free less(Spot spot) {
            return new Free(resources.minus(spot.perTask().times(spot.tasks())), tasks - spot.tasks());
        }

        int places(Resources each) {
            var places = 0;
            while (places < tasks && each.times(places + 1).fitsIn(resources)) {
                places++;
            }
            return places;
        }
    }

    /** All of a gang or none of it, on nodes that it may be on, as near as it has to be. */
    static void gangIsWhole(Site site, Ask ask, Placement placement) {
        for (var role : ask.roles()) {
            var spots = placement.spots().stream()
                    .filter(spot -> spot.role().equals(role.name()))
                    .toList();
            assertThat(spots.stream().mapToInt(Spot::tasks).sum())
                    .as("tasks of %s", role)
                    .isBetween(role.minimum(), role.tasks());
            assertThat(spots).allSatisfy(spot -> {
                assertThat(spot.perTask()).isEqualTo(role.perTask());
                assertThat(mayBeOn(role, site.node(site.number(spot.node())), spot.flavour()))
                        .isTrue();
            });
        }
        if (ask.proximity().kind() == Proximity.Kind.REQUIRED) {
            assertThat(placement.spots().stream()
                            .map(spot -> domain(site, ask.proximity(), spot.node()))
                            .distinct())
                    .hasSize(1);
        }
    }

    static boolean mayBeOn(Role role, Node node, FlavourName flavour) {
        var where = role.where();
        return node.flavour().equals(flavour)
                && where.allows(flavour)
                && node.labels().entrySet().containsAll(where.labels().entrySet())
                && where.tolerations().containsAll(node.taints())
                && node.gpuMemoryGb() >= where.gpuMemoryGb()
                && (where.nodes().isEmpty() || where.nodes().contains(node.name()));
    }

    private static String domain(Site site, Proximity proximity, String node) {
        return proximity.level().equals(Proximity.NODE)
                ? node
                : site.node(site.number(node)).domains().getFirst();
    }
}
