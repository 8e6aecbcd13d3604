package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobState;
import java.util.stream.Collectors;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Keeps the platform from starting with another cluster than the one its jobs are on: it would declare running work vanished there,
 * and run services a second time. Nothing but KUBECONFIG being set may make that difference.
 */
@Component
class BoundCluster implements InitializingBean {

    private final ClusterName wanted;
    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;

    BoundCluster(ClusterName wanted, JdbcClient jdbc, TransactionTemplate transaction) {
        this.wanted = wanted;
        this.jdbc = jdbc;
        this.transaction = transaction;
    }

    @Override
    public void afterPropertiesSet() {
        transaction.executeWithoutResult(status -> {
            var bound = jdbc.sql("select coalesce(cluster, '') from bound_cluster for update")
                    .query(String.class)
                    .single();
            if (!bound.isEmpty() && !bound.equals(wanted.value())) {
                long holding = jdbc.sql("select count(*) from jobs where state in (:holding)")
                        .param(
                                "holding",
                                JobState.APPLIED.stream().map(JobState::name).collect(Collectors.toSet()))
                        .query(Long.class)
                        .single();
                if (holding > 0) {
                    throw new OtherClusterException(holding, bound, wanted.value());
                }
            }
            jdbc.sql("update bound_cluster set cluster = :cluster where cluster is distinct from :cluster")
                    .param("cluster", wanted.value())
                    .update();
        });
    }
}
