package io.shusuan.api.observation;

import io.micrometer.core.instrument.MeterRegistry;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterHealth;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableScheduling;

/** Puts the clock around the cluster and says in health whether it answers. */
@Configuration(proxyBeanMethods = false)
@EnableScheduling
class ObservationConfiguration {

    @Bean
    static BeanPostProcessor clusterTiming(ObjectProvider<MeterRegistry> meters) {
        return new BeanPostProcessor() {
            @Override
            public Object postProcessAfterInitialization(Object bean, String name) {
                return bean instanceof Cluster cluster ? new TimedCluster(cluster, meters::getObject) : bean;
            }
        };
    }

    @Bean
    HealthIndicator clusterHealthIndicator(Cluster cluster) {
        return () -> switch (cluster.health()) {
            case ClusterHealth.Reachable reachable ->
                Health.up()
                        .withDetail("cluster", cluster.name())
                        .withDetail("description", reachable.description())
                        .build();
            case ClusterHealth.Unreachable away ->
                Health.down()
                        .withDetail("cluster", cluster.name())
                        .withDetail("unreachableSince", away.since())
                        .withDetail("why", away.why())
                        .build();
        };
    }
}
