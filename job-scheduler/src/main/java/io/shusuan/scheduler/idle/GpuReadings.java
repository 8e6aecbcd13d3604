package io.shusuan.scheduler.idle;

import java.util.Collection;
import java.util.List;

/** What node agents tell, to whichever replica. */
public interface GpuReadings {

    /** Of each of these nodes the latest, if its agent is heard now. */
    List<GpuReading> of(Collection<String> nodes);
}
