package io.shusuan.scheduler.queue.quota;

import static io.shusuan.scheduler.queue.quota.Account.INFINITE;

import io.shusuan.db.queue.QueueName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The cohorts and queues as accounts, parents before their members. Amounts stand in arrays with one place for each resource
 * of each flavour.
 */
public final class Tree {

    private final Map<FlavourName, Integer> flavours = new LinkedHashMap<>();
    private final List<FlavourName> flavourNames;
    private final List<Account> accounts = new ArrayList<>();
    private final Map<QueueName, Account> queues = new HashMap<>();

    public Tree(Cohort root) {
        collectFlavours(root);
        flavourNames = List.copyOf(flavours.keySet());
        add(root, null);
        for (var account : accounts.reversed()) {
            sumUp(account);
        }
    }

    private void collectFlavours(Cohort cohort) {
        cohort.quotas().forEach(quota -> flavours.putIfAbsent(quota.flavour(), flavours.size()));
        cohort.queues().stream()
                .flatMap(queue -> queue.quotas().stream())
                .forEach(quota -> flavours.putIfAbsent(quota.flavour(), flavours.size()));
        cohort.cohorts().forEach(this::collectFlavours);
    }

    private void add(Cohort cohort, @Nullable Account parent) {
        var account = account(cohort.name().value(), cohort.weight(), cohort.quotas(), parent, null);
        cohort.cohorts().forEach(each -> add(each, account));
        for (var queue : cohort.queues()) {
            var leaf = account(queue.name().value(), queue.weight(), queue.quotas(), account, queue);
            if (queues.put(queue.name(), leaf) != null) {
                throw new IllegalArgumentException("queue %s is in the tree twice".formatted(queue.name()));
            }
        }
    }

    private Account account(
            String name, double weight, List<Quota> quotas, @Nullable Account parent, @Nullable QueueRules rules) {
        var account = new Account(accounts.size(), parent, name, weight, places(), rules);
        accounts.add(account);
        if (parent != null) {
            parent.children.add(account);
        }
        Arrays.fill(account.borrowing, INFINITE);
        // Until it is summed up, "local" holds the lending limit.
        Arrays.fill(account.local, INFINITE);
        for (var quota : quotas) {
            for (var resource : Resource.ALL) {
                var place = flavour(quota.flavour()) * Charge.RESOURCES + resource.index();
                account.nominal[place] = finite(resource.of(quota.nominal()));
                account.borrowing[place] = finite(resource.of(quota.borrowing()));
                account.local[place] = finite(resource.of(quota.lending()));
            }
        }
        return account;
    }

    private static void sumUp(Account account) {
        for (var place = 0; place < account.nominal.length; place++) {
            var subtree = account.nominal[place];
            for (var member : account.children) {
                subtree = Math.min(INFINITE, subtree + member.subtree[place] - member.local[place]);
            }
            account.subtree[place] = subtree;
            account.local[place] = Math.max(0, subtree - account.local[place]);
        }
    }

    private static long finite(long limit) {
        return limit == Limits.UNLIMITED ? INFINITE : limit;
    }

    int places() {
        return flavours.size() * Charge.RESOURCES;
    }

    /** The place of a resource of a flavour; less than zero, if nobody has a quota of the flavour. */
    public int place(FlavourName flavour, Resource resource) {
        return flavour(flavour) < 0 ? -1 : flavour(flavour) * Charge.RESOURCES + resource.index();
    }

    String placeName(int place) {
        var flavour = flavourNames.get(place / Charge.RESOURCES);
        var unit = resource(place).unit();
        return flavour.equals(FlavourName.DEFAULT) ? unit : "%s of flavour %s".formatted(unit, flavour);
    }

    public Resource resource(int place) {
        return Resource.ALL[place % Charge.RESOURCES];
    }

    /** The number of a flavour; less than zero, if nobody has a quota of it. */
    public int flavour(FlavourName name) {
        return flavours.getOrDefault(name, -1);
    }

    public Charge.Sum sum() {
        return new Charge.Sum(flavours.size());
    }

    public List<Account> accounts() {
        return accounts;
    }

    public Account root() {
        return accounts.getFirst();
    }

    public @Nullable Account queue(QueueName name) {
        return queues.get(name);
    }
}
