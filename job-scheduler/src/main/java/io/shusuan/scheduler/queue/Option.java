package io.shusuan.scheduler.queue;

import io.shusuan.scheduler.queue.placement.Ask;
import io.shusuan.scheduler.queue.placement.Need;
import io.shusuan.scheduler.queue.placement.Role;
import io.shusuan.scheduler.queue.placement.Shapes;
import io.shusuan.scheduler.queue.quota.Charge;
import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.queue.quota.Quota;
import io.shusuan.scheduler.queue.quota.Tree;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One way to run a gang: each role on nodes of one flavour, with all its tasks or with fewer. */
final class Option {

    /** A gang with so many tasks of each role as it can do without given up. */
    record Size(List<Need> needs, Charge charge) {

        int tasks() {
            return needs.stream().mapToInt(Need::tasks).sum();
        }
    }

    private final Tree tree;
    private final List<Need> all;
    private final Size full;
    private final Size least;

    private Option(Tree tree, List<Need> all, int slack) {
        this.tree = tree;
        this.all = all;
        full = size(all, 0);
        least = slack == 0 ? full : size(all, slack);
    }

    /** In the order of the queue's flavours: each role takes the one that is tried, or the first one that it may take. */
    static List<Option> of(Ask ask, List<Quota> quotas, Tree tree, Shapes shapes) {
        var assignments = new LinkedHashSet<List<FlavourName>>();
        for (var quota : quotas) {
            var assignment = new ArrayList<FlavourName>();
            for (var role : ask.roles()) {
                var flavour = role.where().allows(quota.flavour()) ? quota.flavour() : first(role, quotas);
                if (flavour == null) {
                    return List.of();
                }
                assignment.add(flavour);
            }
            assignments.add(assignment);
        }
        return assignments.stream()
                .map(assignment -> with(ask, assignment, tree, shapes))
                .toList();
    }

    private static @Nullable FlavourName first(Role role, List<Quota> quotas) {
        return quotas.stream()
                .map(Quota::flavour)
                .filter(role.where()::allows)
                .findFirst()
                .orElse(null);
    }

    private static Option with(Ask ask, List<FlavourName> flavours, Tree tree, Shapes shapes) {
        var needs = new ArrayList<Need>();
        for (var i = 0; i < flavours.size(); i++) {
            var role = ask.roles().get(i);
            needs.add(new Need(role, flavours.get(i), shapes.of(role, flavours.get(i)), role.tasks()));
        }
        return new Option(tree, needs, ask.slack());
    }

    Size full() {
        return full;
    }

    Size least() {
        return least;
    }

    /** With so many tasks given up in each role that can do without them. */
    Size without(int tasks) {
        return size(all, tasks);
    }

    private Size size(List<Need> wanted, int givenUp) {
        var sum = tree.sum();
        var needs = new ArrayList<Need>(wanted.size());
        for (var need : wanted) {
            var role = need.role();
            var tasks = Math.max(role.minimum(), role.tasks() - givenUp);
            needs.add(need.times(tasks));
            sum.add(tree.flavour(need.flavour()), role.perTask(), tasks);
        }
        return new Size(needs, sum.charge());
    }
}
