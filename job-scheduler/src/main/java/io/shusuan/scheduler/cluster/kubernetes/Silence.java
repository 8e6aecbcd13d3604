package io.shusuan.scheduler.cluster.kubernetes;

import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.util.concurrent.TimeoutException;

/** Why no answer came, in words. */
final class Silence {

    private Silence() {}

    static String why(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            String words = switch (each) {
                case HttpConnectTimeoutException _ -> "no connection in time";
                case HttpTimeoutException _, TimeoutException _ -> "no answer in time";
                case UnknownHostException _, UnresolvedAddressException _ -> "its host name is not known";
                case CertificateException _ -> "its certificate is not accepted: " + each.getMessage();
                case ConnectException _ -> refused(each);
                default -> "";
            };
            if (!words.isEmpty()) {
                return words;
            }
        }
        Throwable root = failure;
        for (Throwable each = failure; each != null; each = each.getCause()) {
            root = each;
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }

    /** A connection is refused for lack of a name, too: then the cause says so. */
    private static String refused(Throwable failure) {
        return failure.getCause() instanceof UnresolvedAddressException ? "" : "connection refused";
    }
}
