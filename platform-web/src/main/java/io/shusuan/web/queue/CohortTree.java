package io.shusuan.web.queue;

import io.shusuan.scheduler.queue.quota.CohortName;
import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.Quota;
import io.shusuan.scheduler.queue.quota.Resource;
import io.shusuan.scheduler.sharing.Balances;
import io.shusuan.scheduler.sharing.CohortSettings;
import io.shusuan.scheduler.sharing.QueueSettings;
import io.shusuan.scheduler.sharing.Sharing;
import io.shusuan.scheduler.sharing.Uses;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The cohorts as a tree, each with what all its members own and use together. */
record CohortTree(Sharing sharing, Uses uses, Balances balances) {

    CohortTree(Sharing sharing, Uses uses) {
        this(sharing, uses, uses.balances(sharing));
    }

    /**
     * A cohort as a line.
     *
     * @param depth in how many others it is
     * @param together what it and all its members own and use
     * @param queues that are in it directly
     */
    record Row(CohortSettings cohort, int depth, List<QuotaLine> together, List<QueueSettings> queues) {}

    /** The outermost first, each before what is in it. */
    List<Row> rows() {
        var rows = new ArrayList<Row>();
        add(null, 0, rows);
        return rows;
    }

    private void add(@Nullable CohortName parent, int depth, List<Row> rows) {
        for (var cohort : within(parent)) {
            rows.add(new Row(cohort, depth, together(cohort), queuesOf(cohort.name())));
            add(cohort.name(), depth + 1, rows);
        }
    }

    List<CohortSettings> within(@Nullable CohortName parent) {
        return sharing.cohorts().stream()
                .filter(cohort -> Objects.equals(cohort.parent(), parent))
                .toList();
    }

    List<QueueSettings> queuesOf(CohortName cohort) {
        return sharing.queues().stream()
                .filter(queue -> cohort.equals(queue.cohort()))
                .toList();
    }

    List<QuotaLine> together(CohortSettings cohort) {
        var owned = new LinkedHashMap<FlavourName, Limits>();
        quotas(cohort).forEach(quota -> owned.merge(quota.flavour(), quota.nominal(), CohortTree::sum));
        var used = queues(cohort.name())
                .flatMap(queue -> uses.of(queue.name()).stream())
                .toList();
        return QuotaLine.of(
                cohort.name(),
                owned.entrySet().stream()
                        .map(each -> new Quota(each.getKey(), each.getValue(), Limits.ANY, Limits.ANY))
                        .toList(),
                used,
                balances);
    }

    private Stream<Quota> quotas(CohortSettings cohort) {
        return Stream.concat(
                Stream.concat(
                        cohort.quotas().stream(),
                        queuesOf(cohort.name()).stream().flatMap(queue -> queue.quotas().stream())),
                within(cohort.name()).stream().flatMap(this::quotas));
    }

    private Stream<QueueSettings> queues(CohortName cohort) {
        return Stream.concat(queuesOf(cohort).stream(), within(cohort).stream().flatMap(each -> queues(each.name())));
    }

    private static Limits sum(Limits one, Limits other) {
        return new Limits(
                sum(Resource.CPU, one, other), sum(Resource.MEMORY, one, other), sum(Resource.GPU, one, other));
    }

    private static long sum(Resource resource, Limits one, Limits other) {
        var unlimited = resource.of(one) == Limits.UNLIMITED || resource.of(other) == Limits.UNLIMITED;
        return unlimited ? Limits.UNLIMITED : resource.of(one) + resource.of(other);
    }
}
