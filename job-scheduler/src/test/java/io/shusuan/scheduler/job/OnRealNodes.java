package io.shusuan.scheduler.job;

import io.fabric8.kubernetes.api.model.Pod;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.scheduler.cluster.kubernetes.RealCluster;
import java.util.List;

/** A platform for each test, on an API server where the test plays the kubelet. */
abstract class OnRealNodes extends OnePlatformEach {

    final RealCluster real = new RealCluster();

    @Override
    TestPlatform open() {
        var opened = TestPlatform.on(database, home, real, settings());
        TestPlatform.awaiting().until(() -> opened.cluster().jobs() != null); // until it knows what there is
        return opened;
    }

    /** What such a platform is told besides. */
    String[] settings() {
        return new String[0];
    }

    /** Who has what of a node, and whether it takes more. */
    Occupancy.Taken seen(String node) throws Exception {
        return platform.bean(Occupancy.class).nodes().stream()
                .filter(each -> each.node().name().equals(node))
                .findFirst()
                .orElseThrow();
    }

    /** The pods of a job, which run from now on. */
    List<Pod> running(JobId id, int tasks) {
        var pods = TestPlatform.awaiting().until(() -> real.pods(id), found -> found.size() == tasks);
        pods.forEach(real::runs);
        platform.reaches(id, JobState.RUNNING);
        return pods;
    }

    /** As a kubelet lets a pod go that was told to end: a Job counts it only when it is over. */
    void goes(Pod pod) {
        TestPlatform.awaiting()
                .until(() -> real.pod(pod)
                        .map(each -> each.getMetadata().getDeletionTimestamp() != null)
                        .orElse(true));
        real.ends(pod, 143, "Error");
        real.disappears(pod);
    }

    @Override
    void leave() throws Exception {
        real.close();
    }
}
