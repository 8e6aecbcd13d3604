package io.shusuan.scheduler.idle;

import java.util.List;

/** What node agents tell, as far as this replica hears it. */
public interface GpuReadings {

    /** Of each node the latest, if its agent is heard now. */
    List<GpuReading> now();
}
