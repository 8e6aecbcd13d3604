package io.shusuan.scheduler.job;

import io.shusuan.scheduler.cluster.kubernetes.RealCluster;

/** A platform for each test, on an API server where the test plays the kubelet. */
abstract class OnRealNodes extends OnePlatformEach {

    final RealCluster real = new RealCluster();

    @Override
    TestPlatform open() {
        var opened = TestPlatform.on(database, home, real);
        TestPlatform.awaiting().until(() -> opened.cluster().jobs() != null); // until it knows what there is
        return opened;
    }

    @Override
    void leave() throws Exception {
        real.close();
    }
}
