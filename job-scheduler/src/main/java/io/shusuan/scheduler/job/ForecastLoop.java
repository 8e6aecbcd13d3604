package io.shusuan.scheduler.job;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/** Has forecasts made where this replica schedules, beside the admission and never for more than a twentieth of a core. */
@Component
class ForecastLoop extends BackgroundWork {

    private static final Logger log = LoggerFactory.getLogger(ForecastLoop.class);
    private static final Duration PAUSE = Duration.ofSeconds(5);
    private static final int PAUSES = 19;

    private final Forecaster forecaster;
    private final Lease lease;

    ForecastLoop(Forecaster forecaster, Lease lease) {
        super("forecasts");
        this.forecaster = forecaster;
        this.lease = lease;
    }

    @Override
    protected void work() throws InterruptedException {
        var pause = PAUSE;
        var token = 0L;
        while (true) {
            Thread.sleep(pause);
            if (!lease.isHeld()) {
                continue;
            }
            var begin = System.nanoTime();
            if (lease.token() != token) {
                token = lease.token();
                forecaster.begin();
            }
            run();
            var took = Duration.ofNanos(System.nanoTime() - begin).multipliedBy(PAUSES);
            pause = took.compareTo(PAUSE) < 0 ? PAUSE : took;
        }
    }

    private void run() {
        try {
            forecaster.run();
        } catch (Lease.LeaseLostException | DataAccessException | TransactionException later) {
            log.debug("no forecasts just now: {}", later.getMessage());
            forecaster.begin();
        } catch (RuntimeException unexpected) {
            log.warn("forecasts failed, next try follows", unexpected);
            forecaster.begin();
        }
    }
}
