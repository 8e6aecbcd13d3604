package io.shusuan.scheduler.job;

import io.shusuan.scheduler.cluster.kubernetes.RealCluster;

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

    @Override
    void leave() throws Exception {
        real.close();
    }
}
