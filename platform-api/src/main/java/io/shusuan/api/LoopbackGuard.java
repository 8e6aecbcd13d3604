package io.shusuan.api;

import io.shusuan.scheduler.ClusterSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * The local cluster runs what users write as the platform's own user. So with it the platform listens on loopback only,
 * unless somebody says in so many words that everybody who may log in may run commands as that user.
 */
@Component
class LoopbackGuard {

    static final String CONSENT = "every-user-may-run-commands-as-the-platform";

    LoopbackGuard(
            ClusterSettings settings,
            @Value("${server.address:}") String address,
            @Value("${shusuan.local.listen-beyond-loopback:}") String consent)
            throws UnknownHostException {
        var local = settings.kind() == ClusterSettings.Kind.LOCAL;
        var open = address.isEmpty() || !InetAddress.getByName(address).isLoopbackAddress();
        if (local && open && !consent.equals(CONSENT)) {
            throw new BeyondLoopbackException(address);
        }
    }

    static final class BeyondLoopbackException extends RuntimeException {

        private static final long serialVersionUID = 1;

        BeyondLoopbackException(String address) {
            super(
                    "the local cluster runs users' commands as the platform's own user, so the platform must listen on loopback,"
                            + " and server.address is %s: set it to 127.0.0.1, or run on Kubernetes, or set shusuan.local.listen-beyond-loopback=%s"
                                    .formatted(address.isEmpty() ? "every interface" : "'" + address + "'", CONSENT));
        }
    }
}
