package io.shusuan.api.serving;

import org.apache.hc.client5.http.classic.HttpClient;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The connections to replicas, kept open between requests. The client does nothing by itself: no second try, no redirect,
 * no cookie, no unpacking. Each request has a virtual thread and a connection of its own, so a slow replica holds up
 * nobody but its own callers.
 */
@Configuration(proxyBeanMethods = false)
class ReplicaConnections {

    private static final int PER_REPLICA = 512;
    private static final int ALL = 8192;

    private static final Timeout CONNECT = Timeout.ofSeconds(2);

    /** Simple servers drop idle connections after a few seconds: one that has been idle is looked at before it is used. */
    private static final TimeValue LOOK_AT_AFTER = TimeValue.ofSeconds(1);

    private static final TimeValue CLOSE_AFTER = TimeValue.ofSeconds(30);

    /**
     * @param silence how long a replica may say nothing before its answer is given up
     */
    @Bean
    CloseableHttpClient replicaClient(@Value("${shusuan.serving.silence:10m}") java.time.Duration silence) {
        var connections = PoolingHttpClientConnectionManagerBuilder.create()
                .setMaxConnPerRoute(PER_REPLICA)
                .setMaxConnTotal(ALL)
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(CONNECT)
                        .setSocketTimeout(Timeout.of(silence))
                        .setValidateAfterInactivity(LOOK_AT_AFTER)
                        .build())
                .build();
        return HttpClients.custom()
                .setConnectionManager(connections)
                .setRequestExecutor(new DuplexExecutor())
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectionRequestTimeout(Timeout.ofSeconds(5))
                        .setResponseTimeout(Timeout.of(silence))
                        .setExpectContinueEnabled(false)
                        .setProtocolUpgradeEnabled(false)
                        .build())
                .evictIdleConnections(CLOSE_AFTER)
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableContentCompression()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableDefaultUserAgent()
                .build();
    }

    @Bean
    ReplicaExchange replicaExchange(HttpClient client) {
        return new ReplicaExchange(client);
    }
}
