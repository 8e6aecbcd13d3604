package io.shusuan.api;

import io.shusuan.scheduler.job.OtherClusterException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Makes one clear message of a start with another cluster, found through {@code META-INF/spring.factories}. */
final class OtherClusterAnalyzer extends AbstractFailureAnalyzer<OtherClusterException> {

    @Override
    protected FailureAnalysis analyze(Throwable root, OtherClusterException refused) {
        return new FailureAnalysis(
                refused.getMessage(),
                "Start it with '%s' as before (without KUBECONFIG, SHUSUAN_CLUSTER=local names the local cluster) and let those jobs end, or stop them;"
                                .formatted(refused.bound())
                        + " then start it with the other one. Or give the other one a SHUSUAN_HOME, or a database, of its own.",
                refused);
    }
}
