package io.shusuan.scheduler.sharing;

import io.shusuan.db.queue.Delegate;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.QueueState;
import io.shusuan.scheduler.queue.quota.Cohort;
import io.shusuan.scheduler.queue.quota.CohortName;
import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.queue.quota.Quota;
import io.shusuan.scheduler.sharing.SharingRefusedException.Cause;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All that administrators have said about who may use how much. A value: changes are made on paper, checked, then stored. */
public record Sharing(List<Flavour> flavours, List<CohortSettings> cohorts, List<QueueSettings> queues) {

    public Sharing {
        flavours = flavours.stream().sorted(Flavour.PLAIN_FIRST).toList();
        cohorts = cohorts.stream()
                .sorted(Comparator.comparing(cohort -> cohort.name().value()))
                .toList();
        queues = queues.stream()
                .sorted(Comparator.comparing(queue -> queue.name().value()))
                .toList();
    }

    /** The flavour of a node with these labels: the one that names most of them. None for a node that takes no work. */
    public Optional<FlavourName> flavourOf(Map<String, String> labels) {
        return flavours.reversed().stream()
                .filter(flavour ->
                        labels.entrySet().containsAll(flavour.labels().entrySet()))
                .findFirst()
                .map(Flavour::name);
    }

    /** The queues that admit nothing. */
    public Map<QueueName, QueueState> closed() {
        return queues.stream()
                .filter(queue -> queue.state() != QueueState.OPEN)
                .collect(Collectors.toUnmodifiableMap(QueueSettings::name, QueueSettings::state));
    }

    /** The queues whose jobs another scheduler admits. */
    public Map<QueueName, Delegate> delegated() {
        return queues.stream()
                .flatMap(queue -> Stream.ofNullable(queue.delegate()).map(to -> Map.entry(queue.name(), to)))
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    public Optional<QueueSettings> queue(QueueName name) {
        return queues.stream().filter(queue -> queue.name().equals(name)).findFirst();
    }

    public Optional<CohortSettings> cohort(CohortName name) {
        return cohorts.stream().filter(cohort -> cohort.name().equals(name)).findFirst();
    }

    public Optional<Flavour> flavour(FlavourName name) {
        return flavours.stream().filter(flavour -> flavour.name().equals(name)).findFirst();
    }

    /** The tree that the queue decides by. */
    public Cohort tree() {
        return new SharingTree(this).root();
    }

    Sharing with(QueueSettings queue) {
        return new Sharing(
                flavours, cohorts, replaced(queues, each -> each.name().equals(queue.name()), queue));
    }

    Sharing with(CohortSettings cohort) {
        return new Sharing(flavours, replaced(cohorts, each -> each.name().equals(cohort.name()), cohort), queues);
    }

    Sharing with(Flavour flavour) {
        return new Sharing(replaced(flavours, each -> each.name().equals(flavour.name()), flavour), cohorts, queues);
    }

    Sharing without(CohortName cohort) {
        var left = cohorts.stream().filter(each -> !each.name().equals(cohort)).toList();
        return new Sharing(flavours, left, queues);
    }

    Sharing without(FlavourName flavour) {
        var left =
                flavours.stream().filter(each -> !each.name().equals(flavour)).toList();
        return new Sharing(left, cohorts, queues);
    }

    private static <T> List<T> replaced(List<T> all, Predicate<T> former, T now) {
        var changed = new ArrayList<>(all);
        changed.removeIf(former);
        changed.add(now);
        return changed;
    }

    /**
     * That everything which is named is there, and that no cohort is in itself.
     *
     * @throws SharingRefusedException otherwise
     */
    void check() {
        Stream.concat(
                        queues.stream().map(QueueSettings::quotas),
                        cohorts.stream().map(CohortSettings::quotas))
                .forEach(this::known);
        queues.forEach(queue -> known("cohort", queue.cohort()));
        cohorts.forEach(cohort -> known("parent", cohort.parent()));
        cohorts.forEach(this::endsSomewhere);
    }

    private void known(List<Quota> quotas) {
        for (var i = 0; i < quotas.size(); i++) {
            var name = quotas.get(i).flavour();
            if (flavours.stream().noneMatch(flavour -> flavour.name().equals(name))) {
                throw new SharingRefusedException(
                        Cause.UNKNOWN_FLAVOUR,
                        "there is no flavour '%s'; there are %s"
                                .formatted(name, listed(flavours.stream().map(Flavour::name))),
                        "quotas[%d].flavour".formatted(i));
            }
        }
    }

    private void known(String setting, @Nullable CohortName name) {
        if (name != null && cohort(name).isEmpty()) {
            throw new SharingRefusedException(
                    Cause.UNKNOWN_COHORT,
                    "there is no cohort '%s'; there are %s"
                            .formatted(name, listed(cohorts.stream().map(CohortSettings::name))),
                    setting);
        }
    }

    private static String listed(Stream<?> names) {
        var all = names.map(Object::toString).sorted().collect(Collectors.joining(", "));
        return all.isEmpty() ? "none yet" : all;
    }

    private void endsSomewhere(CohortSettings cohort) {
        var way = new LinkedHashSet<CohortName>();
        for (var name = cohort.name();
                name != null;
                name = cohort(name).orElseThrow().parent()) {
            if (!way.add(name)) {
                throw new SharingRefusedException(
                        Cause.COHORT_CYCLE,
                        "cohort %s would be in itself: %s, %s"
                                .formatted(
                                        name,
                                        way.stream()
                                                .map(CohortName::value)
                                                .collect(Collectors.joining(" in ", "", " in " + name)),
                                        "so one of them has to be in another cohort, or in none"),
                        "parent");
            }
        }
    }
}
