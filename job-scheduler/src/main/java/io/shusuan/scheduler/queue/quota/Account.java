package io.shusuan.scheduler.queue.quota;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A queue or cohort in the tree, with its quotas spread over the places of the tree.
 *
 * <p>{@code subtree} is all that it can use without borrowing: what it owns and what its members lend it. {@code local} is the
 * part of that which it does not lend.
 */
public final class Account {

    /** Stands for "without limit" where amounts are added up. */
    static final long INFINITE = 1L << 60;

    final int index;
    final @Nullable Account parent;
    final int depth;
    final List<Account> children = new ArrayList<>();
    final double weight;
    final long[] nominal;
    final long[] borrowing;
    final long[] subtree;
    final long[] local;
    private final String name;
    private final @Nullable QueueRules rules;

    Account(int index, @Nullable Account parent, String name, double weight, int places, @Nullable QueueRules rules) {
        this.index = index;
        this.parent = parent;
        this.depth = parent == null ? 0 : parent.depth + 1;
        this.name = name;
        this.weight = weight;
        this.rules = rules;
        nominal = new long[places];
        borrowing = new long[places];
        subtree = new long[places];
        local = new long[places];
    }

    public String name() {
        return name;
    }

    public boolean isQueue() {
        return rules != null;
    }

    public QueueRules rules() {
        if (rules == null) {
            throw new IllegalStateException(name + " is a cohort");
        }
        return rules;
    }

    public List<Account> children() {
        return children;
    }

    public int index() {
        return index;
    }

    public @Nullable Account parent() {
        return parent;
    }

    /** For two queues: the member of the first cohort that both are in, on the way to this one. */
    public Account rivalOf(Account other) {
        var mine = this;
        var theirs = other;
        while (mine.depth > theirs.depth) {
            mine = up(mine);
        }
        while (theirs.depth > mine.depth) {
            theirs = up(theirs);
        }
        while (mine.parent != theirs.parent) {
            mine = up(mine);
            theirs = up(theirs);
        }
        return mine;
    }

    private static Account up(Account account) {
        if (account.parent == null) {
            throw new IllegalStateException("accounts of two trees");
        }
        return account.parent;
    }

    @Override
    public String toString() {
        return (isQueue() ? "queue " : "cohort ") + name;
    }
}
