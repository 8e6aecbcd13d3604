package io.shusuan.scheduler.idle;

import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.job.BackgroundWork;
import io.shusuan.scheduler.job.Lease;
import io.shusuan.scheduler.sharing.IdlePolicy;
import io.shusuan.scheduler.sharing.SharingStore;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/** The replica that schedules notes down what agents tell of GPUs, and acts on it. */
@Component
public class IdleLoop extends BackgroundWork {

    private static final Logger log = LoggerFactory.getLogger(IdleLoop.class);
    private static final int PAUSE_MILLIS = 15_000;

    private final SharingStore sharing;
    private final IdleWatch watch;
    private final IdleRule rule;
    private final Lease lease;

    IdleLoop(SharingStore sharing, IdleWatch watch, IdleRule rule, Lease lease) {
        super("idle-gpus");
        this.sharing = sharing;
        this.watch = watch;
        this.rule = rule;
        this.lease = lease;
    }

    @Override
    protected void work() throws InterruptedException {
        while (true) {
            Thread.sleep(PAUSE_MILLIS);
            run();
        }
    }

    /** Once. */
    public void run() {
        if (!lease.isHeld()) {
            return;
        }
        try {
            var policies = policies();
            if (!policies.isEmpty()) {
                note(policies);
            }
            rule.apply(policies);
        } catch (Lease.LeaseLostException | DataAccessException | TransactionException later) {
            log.debug("idle GPUs are looked at later: {}", later.getMessage());
        } catch (RuntimeException unexpected) {
            log.warn("idle GPUs could not be looked at, next try follows", unexpected);
        }
    }

    private Map<String, IdlePolicy> policies() {
        return sharing.read().queues().stream()
                .filter(queue -> !queue.idle().isNone())
                .collect(Collectors.toMap(queue -> queue.name().value(), queue -> queue.idle()));
    }

    private void note(Map<String, IdlePolicy> policies) {
        try {
            watch.look(policies.keySet());
        } catch (ClusterUnavailableException away) {
            log.debug("idle GPUs are noted later: {}", away.getMessage());
        }
    }
}
