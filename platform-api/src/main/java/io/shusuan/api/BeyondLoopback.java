package io.shusuan.api;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.context.ApplicationContextException;

/** The platform would listen where others reach it, and run what they send. */
final class BeyondLoopback extends ApplicationContextException {

    private static final long serialVersionUID = 1;

    BeyondLoopback(String address) {
        super(
                "The platform would listen on %s with the local cluster, which runs users' commands as the platform's own user."
                        .formatted(address.isEmpty() ? "every interface" : "'" + address + "'"));
    }

    /** Makes one clear message of it, found through {@code META-INF/spring.factories}. */
    static final class Analyzer extends AbstractFailureAnalyzer<BeyondLoopback> {

        @Override
        protected FailureAnalysis analyze(Throwable root, BeyondLoopback refused) {
            return new FailureAnalysis(
                    refused.getMessage(),
                    "Set server.address=127.0.0.1, or run on Kubernetes (shusuan.cluster=kubernetes), or say in so many words"
                            + " that it is meant: shusuan.local.listen-beyond-loopback=" + LoopbackGuard.CONSENT,
                    refused);
        }
    }
}
