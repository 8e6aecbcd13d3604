package io.shusuan.scheduler.queue.quota;

import static io.shusuan.scheduler.queue.quota.Account.INFINITE;

import io.shusuan.db.queue.QueueName;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who uses how much of a tree. A member first uses what it does not lend; only what goes beyond that is counted in its
 * parent, where it meets what the other members lent. So the use of every account is determined by the use of the queues, and
 * nothing is lent twice. For one thread.
 */
public final class Ledger {

    private static final double[] NOT_LATELY = new double[Charge.RESOURCES];

    private final Tree tree;
    private final long[][] usage;
    private final double[][] recentlyBorrowed;
    private final double[] shares;
    private final long[] versions;
    private final long[] nothing;

    /** @param recent the decayed average use of each queue over time, over all flavours; who is not in it used nothing */
    public Ledger(Tree tree, Map<QueueName, Limits> recent) {
        this(tree, new long[tree.accounts().size()][tree.places()], recentlyBorrowed(tree, recent));
    }

    private Ledger(Tree tree, long[][] usage, double[][] recentlyBorrowed) {
        this.tree = tree;
        this.usage = usage;
        this.recentlyBorrowed = recentlyBorrowed;
        shares = new double[usage.length];
        Arrays.fill(shares, Double.NaN);
        versions = new long[usage.length];
        nothing = new long[tree.places()];
    }

    private static double[][] recentlyBorrowed(Tree tree, Map<QueueName, Limits> recent) {
        var used = new double[tree.accounts().size()][Charge.RESOURCES];
        for (var account : tree.accounts().reversed()) {
            var mine = used[account.index];
            if (account.isQueue()) {
                var amounts = recent.getOrDefault(account.rules().name(), Limits.NONE);
                for (var resource : Resource.ALL) {
                    mine[resource.index()] = resource.of(amounts);
                }
            }
            for (var place = 0; place < account.subtree.length; place++) {
                mine[place % Charge.RESOURCES] -= account.subtree[place];
            }
            for (var resource = 0; resource < mine.length; resource++) {
                mine[resource] = Math.max(0, mine[resource]);
                if (account.parent != null) {
                    // What a member borrowed came from its parent, which may have had it or borrowed it in turn.
                    used[account.parent.index][resource] += mine[resource];
                }
            }
        }
        return used;
    }

    public Ledger copy() {
        return new Ledger(tree, Arrays.stream(usage).map(long[]::clone).toArray(long[][]::new), recentlyBorrowed);
    }

    public void use(Account queue, Charge charge) {
        for (var i = 0; i < charge.size(); i++) {
            use(queue, charge.place(i), charge.amount(i));
        }
        forgetShares(queue);
    }

    private void use(Account queue, int place, long amount) {
        var left = amount;
        for (var account = queue; account != null && left > 0; account = account.parent) {
            var kept = Math.max(0, account.local[place] - usage[account.index][place]);
            usage[account.index][place] += left;
            left -= kept;
        }
    }

    public void release(Account queue, Charge charge) {
        for (var i = 0; i < charge.size(); i++) {
            release(queue, charge.place(i), charge.amount(i));
        }
        forgetShares(queue);
    }

    private void release(Account queue, int place, long amount) {
        var left = amount;
        for (var account = queue; account != null && left > 0; account = account.parent) {
            var beyond = usage[account.index][place] - account.local[place];
            usage[account.index][place] -= left;
            left = Math.min(left, beyond);
        }
    }

    private void forgetShares(Account queue) {
        for (var account = queue; account != null; account = account.parent) {
            shares[account.index] = Double.NaN;
            versions[account.index]++;
        }
    }

    /** Which quota the charge would go beyond, if any. */
    public @Nullable Lack lack(Account queue, Charge charge) {
        for (var i = 0; i < charge.size(); i++) {
            var place = charge.place(i);
            var free = available(queue, place);
            if (charge.amount(i) > free) {
                return new Lack(
                        bottleneck(queue, place),
                        place,
                        tree.placeName(place),
                        tree.resource(place),
                        charge.amount(i),
                        Math.max(0, free));
            }
        }
        return null;
    }

    public boolean fits(Account queue, Charge charge) {
        for (var i = 0; i < charge.size(); i++) {
            if (charge.amount(i) > available(queue, charge.place(i))) {
                return false;
            }
        }
        return true;
    }

    private long available(Account account, int place) {
        var used = usage[account.index][place];
        if (account.parent == null) {
            return account.subtree[place] - used;
        }
        var own = Math.max(0, account.local[place] - used);
        var lent = Math.max(0, Math.min(available(account.parent, place), mayBorrow(account, place)));
        return Math.min(INFINITE, own + lent);
    }

    /** How much more it may take from its parent, which holds what it lent. */
    private long mayBorrow(Account account, int place) {
        var beyond = Math.max(0, usage[account.index][place] - account.local[place]);
        return account.subtree[place] - account.local[place] - beyond + account.borrowing[place];
    }

    private Account bottleneck(Account queue, int place) {
        var account = queue;
        while (account.parent != null && mayBorrow(account, place) > available(account.parent, place)) {
            account = account.parent;
        }
        return account;
    }

    /** Whether the queue, with all that it was charged with, is within its limits, at the places of the charge. */
    public boolean isSound(Account queue, Charge charge) {
        for (var i = 0; i < charge.size(); i++) {
            if (!isSound(queue, charge.place(i))) {
                return false;
            }
        }
        return true;
    }

    private boolean isSound(Account queue, int place) {
        for (var account = queue; account != null; account = account.parent) {
            var used = usage[account.index][place];
            if (used <= account.local[place]) {
                return true;
            }
            var limit =
                    account.parent == null ? account.subtree[place] : account.subtree[place] + account.borrowing[place];
            if (used > limit) {
                return false;
            }
        }
        return true;
    }

    /** Whether the account uses no more than it can without borrowing, at the places of the charge. */
    public boolean ownsAll(Account account, Charge charge) {
        for (var i = 0; i < charge.size(); i++) {
            if (usage[account.index][charge.place(i)] > account.subtree[charge.place(i)]) {
                return false;
            }
        }
        return true;
    }

    /** Whether the queue, and every cohort on the way up to {@code top}, borrows of what the charge needs. */
    public boolean borrows(Account queue, Account top, Charge needed) {
        for (var account = queue; account != null; account = account.parent) {
            if (ownsAll(account, needed)) {
                return false;
            }
            if (account == top) {
                return true;
            }
        }
        return false;
    }

    /**
     * How far the account is above its own, now and lately: of the resource of which it borrows the largest part, that part
     * of all that its neighbours share, divided by its weight. Zero for who borrows nothing.
     */
    public double share(Account account) {
        if (Double.isNaN(shares[account.index])) {
            shares[account.index] =
                    dominantShare(account, usage[account.index], nothing, recentlyBorrowed[account.index])
                            / account.weight;
        }
        return shares[account.index];
    }

    /**
     * The share of what is borrowed now alone. Evictions go by this one: by the former they would swing to and fro with what
     * was used lately.
     */
    public double shareNow(Account account) {
        return dominantShare(account, usage[account.index], nothing, NOT_LATELY) / account.weight;
    }

    /** The share of each account from the queue up to below the root, by depth, if the queue were charged with this, too. */
    public double[] sharesWith(Account queue, Charge charge) {
        var shares = new double[queue.depth + 1];
        var more = new long[tree.places()];
        for (var i = 0; i < charge.size(); i++) {
            more[charge.place(i)] = charge.amount(i);
        }
        for (var account = queue; account != null; account = account.parent) {
            shares[account.depth] = dominantShare(account, usage[account.index], more, recentlyBorrowed[account.index])
                    / account.weight;
            for (var place = 0; place < more.length; place++) {
                var kept = Math.max(0, account.local[place] - usage[account.index][place]);
                more[place] = Math.max(0, more[place] - kept);
            }
        }
        return shares;
    }

    private static double dominantShare(Account account, long[] used, long[] more, double[] lately) {
        if (account.parent == null) {
            return 0;
        }
        var share = 0.0;
        for (var resource = 0; resource < Charge.RESOURCES; resource++) {
            var borrowed = lately[resource];
            var shared = 0.0;
            for (var place = resource; place < account.subtree.length; place += Charge.RESOURCES) {
                borrowed += Math.max(0, used[place] + more[place] - account.subtree[place]);
                shared += account.parent.subtree[place];
            }
            if (borrowed > 0) {
                share = Math.max(share, borrowed / Math.max(shared, 1e-9));
            }
        }
        return share;
    }

    /** A number that is another one after each change of what this account, or one that it is in, uses. */
    public long version(Account queue) {
        var version = 0L;
        for (var account = queue; account != null && account.parent != null; account = account.parent) {
            version += versions[account.index];
        }
        return version;
    }

    /** How much of the place an account could use if nobody else used anything; {@link Limits#UNLIMITED} for whatever there is. */
    public static long most(Account account, int place) {
        var most = mostOf(account, place);
        return most >= INFINITE ? Limits.UNLIMITED : most;
    }

    private static long mostOf(Account account, int place) {
        if (account.parent == null) {
            return account.subtree[place];
        }
        var mayBorrow = account.subtree[place] - account.local[place] + account.borrowing[place];
        return Math.min(INFINITE, account.local[place] + Math.min(mostOf(account.parent, place), mayBorrow));
    }

    /**
     * How much of what each account leaves unused others use, by the index of the account. What is borrowed comes first from what the
     * cohort has itself, then from its members, each by how much of it it leaves.
     */
    public long[] lent(int place) {
        var lent = new long[usage.length];
        for (var account : tree.accounts()) {
            var taken = lent[account.index] - account.nominal[place] - beyondOwn(account, place);
            for (var member : account.children) {
                taken += beyondOwn(member, place);
            }
            takeFromMembers(account, place, taken, lent);
        }
        return lent;
    }

    private long beyondOwn(Account account, int place) {
        return Math.max(0, usage[account.index][place] - account.subtree[place]);
    }

    private void takeFromMembers(Account account, int place, long taken, long[] lent) {
        if (taken <= 0) {
            return;
        }
        var all = account.children.stream()
                .mapToLong(member -> Math.min(taken, unused(member, place)))
                .sum();
        var missing = taken;
        for (var member : account.children) {
            var mine = Math.min(taken, unused(member, place));
            var part = mine == 0 ? 0 : Math.min(mine, (long) Math.ceil((double) missing * mine / all));
            lent[member.index] = part;
            all -= mine;
            missing -= part;
        }
    }

    /** What the account lends and does not use itself. */
    private long unused(Account account, int place) {
        var lends = account.subtree[place] - account.local[place];
        return Math.max(0, lends - Math.max(0, usage[account.index][place] - account.local[place]));
    }

    /** How much of the place the account uses. */
    public long used(Account account, int place) {
        return usage[account.index][place];
    }
}
