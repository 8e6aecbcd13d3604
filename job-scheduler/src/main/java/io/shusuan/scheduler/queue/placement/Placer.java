package io.shusuan.scheduler.queue.placement;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Finds nodes for gangs in a room. For one thread. */
public final class Placer {

    private final Site site;
    private final Room room;
    private final Domains domains;
    private final Map<Shape, Fit> fits = new HashMap<>();

    public Placer(Site site, Room room) {
        this.site = site;
        this.room = room;
        domains = site.domains();
    }

    private Fit fit(Shape shape) {
        return fits.computeIfAbsent(shape, each -> new Fit(site, room, each)).upToDate();
    }

    /** How many such tasks there is room for, in the domain of that proximity which has the most. */
    public int most(Need need, Proximity proximity) {
        var fit = fit(need.shape());
        var depth = proximity.kind() == Proximity.Kind.REQUIRED ? site.depth(proximity) : 0;
        var most = 0;
        for (var domain = domains.begin[depth]; domain < domains.begin[depth + 1]; domain++) {
            most = Math.max(most, fit.sum(domain));
        }
        return most;
    }

    /** Where the gang fits; the room is left as it was. */
    public @Nullable Plan place(List<Need> needs, Proximity proximity, Packing packing) {
        var level = site.depth(proximity);
        var depth = level;
        return switch (proximity.kind()) {
            case ANYWHERE, REQUIRED -> placeAt(depth, needs, packing, level);
            case PREFERRED -> {
                var plan = placeAt(depth, needs, packing, level);
                while (plan == null && depth > 0) {
                    plan = placeAt(--depth, needs, packing, level);
                }
                yield plan;
            }
        };
    }

    private @Nullable Plan placeAt(int depth, List<Need> needs, Packing packing, int level) {
        return needs.size() == 1
                ? placeOne(depth, needs.getFirst(), packing, level)
                : placeSeveral(depth, needs, packing, level);
    }

    private @Nullable Plan placeOne(int depth, Need need, Packing packing, int level) {
        var fit = fit(need.shape());
        if (fit.sum(0) < need.tasks()) {
            return null;
        }
        var plan = new Plan();
        var distribution = new Distribution(domains, fit, need, plan, level);
        if (packing != Packing.SPREAD && need.tasks() <= fit.best(0)) {
            distribution.distribute(0, Packing.PACK); // whatever one node takes is in one domain, of whatever depth
            return plan;
        }
        var domain = tightest(fit, depth, need.tasks());
        if (domain < 0) {
            return null;
        }
        distribution.distribute(domain, packing);
        return plan;
    }

    private int tightest(Fit fit, int depth, int tasks) {
        var found = -1;
        for (var domain = domains.begin[depth]; domain < domains.begin[depth + 1]; domain++) {
            if (fit.sum(domain) >= tasks && (found < 0 || fit.sum(domain) < fit.sum(found))) {
                found = domain;
            }
        }
        return found;
    }

    private @Nullable Plan placeSeveral(int depth, List<Need> needs, Packing packing, int level) {
        // Large tasks find the fewest places: they come first.
        var ordered = needs.stream()
                .sorted(Comparator.comparingInt(
                                (Need need) -> -need.role().perTask().gpus())
                        .thenComparingLong(need -> -need.role().perTask().milliCpus()))
                .toList();
        for (var domain : domainsThatMayHold(depth, ordered)) {
            var plan = placeSeveralIn(domain, ordered, packing, level);
            if (plan != null) {
                return plan;
            }
        }
        return null;
    }

    private List<Integer> domainsThatMayHold(int depth, List<Need> needs) {
        var all = needs.stream().map(need -> fit(need.shape())).toList();
        return IntStream.range(domains.begin[depth], domains.begin[depth + 1])
                .filter(domain -> IntStream.range(0, needs.size())
                        .allMatch(i -> all.get(i).sum(domain) >= needs.get(i).tasks()))
                .boxed()
                .sorted(Comparator.comparingInt(
                                (Integer domain) -> all.getFirst().sum(domain))
                        .thenComparing(domain -> domain))
                .toList();
    }

    private @Nullable Plan placeSeveralIn(int domain, List<Need> needs, Packing packing, int level) {
        var plan = new Plan();
        var taken = new ArrayList<Plan>();
        for (var need : needs) {
            var fit = fit(need.shape());
            if (fit.sum(domain) < need.tasks()) {
                break;
            }
            var part = new Plan();
            new Distribution(domains, fit, need, part, level).distribute(domain, packing);
            part.take(room);
            taken.add(part);
            part.steps().forEach(step -> plan.add(step.need(), step.node(), step.tasks()));
        }
        taken.forEach(part -> part.steps()
                .forEach(step -> room.give(step.node(), step.need().role().perTask(), step.tasks())));
        return taken.size() == needs.size() ? plan : null;
    }
}
