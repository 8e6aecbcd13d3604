package io.shusuan.scheduler.job;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** A transaction of the scheduler, which only the replica that schedules can begin. */
@Component
public class LeaderTransaction {

    private final TransactionTemplate transaction;
    private final Lease lease;

    LeaderTransaction(TransactionTemplate transaction, Lease lease) {
        this.transaction = transaction;
        this.lease = lease;
    }

    /** @throws Lease.LeaseLostException if another replica schedules; nothing was done then */
    public <T extends @Nullable Object> T execute(Supplier<T> work) {
        return transaction.execute(status -> {
            lease.guard();
            return work.get();
        });
    }

    /** @throws Lease.LeaseLostException if another replica schedules; nothing was done then */
    public void executeWithoutResult(Runnable work) {
        transaction.executeWithoutResult(status -> {
            lease.guard();
            work.run();
        });
    }
}
