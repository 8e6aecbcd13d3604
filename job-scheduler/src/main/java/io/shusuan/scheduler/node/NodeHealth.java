package io.shusuan.scheduler.node;

import io.shusuan.db.job.JobChanges;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Jobs;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.NodeMode;
import io.shusuan.scheduler.job.JobChanged;
import io.shusuan.scheduler.job.JobNotFoundException;
import io.shusuan.scheduler.job.NodeControl;
import io.shusuan.scheduler.job.Occupancy;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Takes in which GPUs are not well. By policy, a node with such a GPU is cordoned, once for each fault: it is seldom one GPU alone that suffers, and a gang
 * that is sent there fails whole. Jobs that are there run on, and are told.
 */
@Service
public class NodeHealth {

    private static final Logger log = LoggerFactory.getLogger(NodeHealth.class);

    private final NodeFaults faults;
    private final NodeControl control;
    private final Occupancy occupancy;
    private final Jobs jobs;
    private final JobChanges changes;
    private final TransactionTemplate transaction;
    private final ApplicationEventPublisher events;
    private final Clock clock;
    private final boolean cordons;

    /** The faults of a node for which the cluster will not let it be cordoned, so that it is not asked with each report. */
    private final Map<String, List<Long>> refused = new ConcurrentHashMap<>();

    NodeHealth(
            NodeFaults faults,
            NodeControl control,
            Occupancy occupancy,
            Jobs jobs,
            JobChanges changes,
            TransactionTemplate transaction,
            ApplicationEventPublisher events,
            Clock clock,
            @Value("${shusuan.nodes.cordon-unhealthy:false}") boolean cordons) {
        this.faults = faults;
        this.control = control;
        this.occupancy = occupancy;
        this.jobs = jobs;
        this.changes = changes;
        this.transaction = transaction;
        this.events = events;
        this.clock = clock;
        this.cordons = cordons;
    }

    /** What stands on all nodes, by the node's name. */
    public Map<String, List<StandingFault>> standing() {
        return faults.all().stream().collect(Collectors.groupingBy(StandingFault::node));
    }

    /** A node's agent tells which of its GPUs are not well. Reports come every few seconds, to any replica, and most say nothing new: so it is compared with what is kept. */
    public void reported(String node, List<GpuFault> told) {
        var standing = faults.of(node);
        if (!isSame(standing, told)) {
            faults.tell(node, told, clock.instant());
            standing = faults.of(node);
        }
        var unanswered =
                standing.stream().filter(fault -> fault.cordonedAt() == null).toList();
        if (cordons && !unanswered.isEmpty()) {
            cordon(node, unanswered);
        }
    }

    private static boolean isSame(List<StandingFault> standing, List<GpuFault> told) {
        return told.stream()
                        .allMatch(fault -> standing.stream()
                                .anyMatch(known -> known.fault().isSameAs(fault)))
                && standing.stream().allMatch(known -> told.stream().anyMatch(known.fault()::isSameAs));
    }

    private void cordon(String node, List<StandingFault> unanswered) {
        var ids = unanswered.stream().map(StandingFault::id).toList();
        if (ids.equals(refused.get(node))) {
            return;
        }
        var why = unanswered.stream().map(each -> each.fault().sentence()).collect(Collectors.joining("; "));
        try {
            control.setMode(node, NodeMode.CORDONED, true, "the policy for GPUs that are not well (" + why + ")");
            refused.remove(node);
            if (faults.cordoned(unanswered, clock.instant())) {
                tellJobs(node, unanswered);
            }
        } catch (ClusterUnavailableException away) {
            log.warn("node {} is not cordoned yet although {}: {}", node, why, away.getMessage());
        } catch (ClusterRefusedException | JobNotFoundException no) {
            log.warn("node {} is not cordoned although {}: {}", node, why, no.getMessage());
            refused.put(node, ids);
        }
    }

    private void tellJobs(String node, List<StandingFault> why) {
        try {
            occupancy.nodes().stream()
                    .filter(each -> each.node().name().equals(node))
                    .flatMap(each -> each.shares().stream())
                    .map(Occupancy.Share::job)
                    .distinct()
                    .forEach(job -> tell(
                            job,
                            why.stream()
                                    .map(each -> "node %s takes no more work: %s"
                                            .formatted(node, each.fault().sentence()))
                                    .toList()));
        } catch (ClusterUnavailableException away) {
            log.warn("the jobs on node {} are not told: {}", node, away.getMessage());
        }
    }

    private void tell(JobId id, List<String> sentences) {
        transaction.executeWithoutResult(status -> jobs.find(id).ifPresent(job -> {
            sentences.forEach(sentence -> job.warn(clock.instant(), "NodeUnhealthy", sentence));
            changes.tell(job);
            events.publishEvent(new JobChanged(job.id(), job.state()));
        }));
    }
}
