package io.shusuan.api.cluster;

import io.shusuan.db.job.Resources;
import java.math.BigDecimal;

/** What nodes have and jobs take, as people write it. */
public record Amount(BigDecimal cpus, long memoryMB, int gpus) {

    public static Amount of(Resources resources) {
        return new Amount(
                BigDecimal.valueOf(resources.milliCpus(), 3).stripTrailingZeros(),
                resources.memoryMiB(),
                resources.gpus());
    }
}
