package io.shusuan.scheduler.queue;

import io.shusuan.scheduler.queue.Nomination.Fits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds who may begin anew with more tasks: one at a time, and nobody while others leave, so that no two count on the same room; only where nobody waits for nodes of
 * the same flavours; and only for so much more that it is worth the work that a new beginning may lose.
 */
final class Growth {

    /** It has run for so long since it began. */
    static final Duration REST = Duration.ofMinutes(10);

    /** It gets more by this part of what it has, at least. */
    private static final int PART = 4;

    /** So many are looked at in one cycle, and others in the next ones. */
    private static final int MOST = 16;

    private record Grower(Tenant tenant, Candidate again) {}

    private final Books books;
    private final Intake intake;
    private final Nominations nominations;
    private final Moment now;
    private final Rules rules;

    Growth(Books books, Intake intake, Nominations nominations, Snapshot snapshot) {
        this.books = books;
        this.intake = intake;
        this.nominations = nominations;
        this.now = snapshot.time();
        this.rules = snapshot.rules();
    }

    Decision.@Nullable Grow next() {
        if (books.someLeave()) {
            return null;
        }
        var able = able();
        if (able.isEmpty()) {
            return null;
        }
        var wanted = intake.wantedFlavours();
        for (var grower : able) {
            var tasks = Collections.disjoint(grower.again.request.flavours(), wanted) ? tasks(grower) : 0;
            if (isWorthIt(tasks, grower.tenant.running.tasks())) {
                books.leaves(grower.tenant);
                return new Decision.Grow(grower.tenant.running.job(), tasks);
            }
        }
        return null;
    }

    private static boolean isWorthIt(int tasks, int present) {
        return tasks > present && (tasks - present) * PART >= present;
    }

    private List<Grower> able() {
        var able = new ArrayList<Grower>();
        for (var tenant : books.tenants) {
            var wants = tenant.running.wants();
            if (wants != null && tenant.isEvictable(now) && tenant.running.mayGrowAt(now)) {
                var again = intake.again(wants, rules);
                if (again != null) {
                    able.add(new Grower(tenant, again));
                }
            }
        }
        able.sort(Comparator.comparing(Grower::again, Candidate::inOrder));
        if (able.size() > MOST) {
            Collections.rotate(able, (int) (now.millis() / 1000 * MOST % able.size()));
            return able.subList(0, MOST);
        }
        return able;
    }

    /** How many it would get if it were gone now. */
    private int tasks(Grower grower) {
        books.without(grower.tenant);
        var nomination = nominations.nominate(grower.again);
        books.returns(grower.tenant);
        return nomination instanceof Fits fits ? fits.size().tasks() : 0;
    }
}
