package io.shusuan.scheduler.cluster.local;

import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** How an attempt is asked whether it is ready. */
interface Probe {

    /** Asks once, without waiting for the answer: nothing if it is ready, else why not. What is asked never fails. */
    Future<@Nullable String> ask();

    static Probe of(Plan plan) {
        var readiness = plan.readiness();
        return readiness == null ? new PortProbe(plan.ports()) : new PathProbe(readiness.port(), readiness.path());
    }
}
