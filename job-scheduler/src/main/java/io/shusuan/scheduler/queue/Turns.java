package io.shusuan.scheduler.queue;

import io.shusuan.scheduler.queue.quota.Account;
import io.shusuan.scheduler.queue.quota.Ledger;
import io.shusuan.scheduler.queue.quota.Tree;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is: from the root downwards the member that would be least above its own, by its share, if its next job ran;
 * among equals the one whose next job stands first. So who need not borrow always comes before who has to.
 */
final class Turns {

    /** What a line's next job would make of the shares on its way to the root; good until one of them changes. */
    private record Standing(Candidate next, long version, double[] shares) {}

    private final Tree tree;
    private final Ledger ledger;
    private final Map<Account, Line> lines;
    private final Map<Line, Standing> standings = new HashMap<>();

    Turns(Tree tree, Ledger ledger, Map<Account, Line> lines) {
        this.tree = tree;
        this.ledger = ledger;
        this.lines = lines;
    }

    @Nullable
    Line next() {
        return next(tree.root(), 0);
    }

    private @Nullable Line next(Account account, int depth) {
        if (account.isQueue()) {
            var line = lines.get(account);
            return line != null && line.hasNext() ? line : null;
        }
        Line first = null;
        for (var member : account.children()) {
            var line = next(member, depth + 1);
            if (line != null && (first == null || isBefore(line, first, depth + 1))) {
                first = line;
            }
        }
        return first;
    }

    private boolean isBefore(Line line, Line other, int depth) {
        var order = Double.compare(standing(line).shares[depth], standing(other).shares[depth]);
        return order != 0 ? order < 0 : Candidate.inOrder(line.peek(), other.peek()) < 0;
    }

    private Standing standing(Line line) {
        var known = standings.get(line);
        var version = ledger.version(line.account);
        if (known == null || known.version != version || !known.next.equals(line.peek())) {
            var charge = line.peek().request.charge(tree);
            known = new Standing(line.peek(), version, ledger.sharesWith(line.account, charge));
            standings.put(line, known);
        }
        return known;
    }
}
