package io.shusuan.scheduler.job;

import io.shusuan.db.job.StartForecast;
import io.shusuan.db.job.StartForecast.Basis;
import io.shusuan.db.job.StartForecasts.Judged;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.forecast.Calibration;
import io.shusuan.scheduler.forecast.Estimate;
import io.shusuan.scheduler.queue.Moment;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes of guesses what is told, by how wrong former ones of the same queue were, or of all, where it has too few. */
record Calibrations(Calibration all, Map<QueueName, Calibration> byQueue) {

    /** By so few estimates of its own a queue is not judged. */
    private static final int FEW = 20;

    static Calibrations of(List<Judged> judged) {
        var byQueue = new HashMap<QueueName, Calibration>();
        judged.stream().collect(Collectors.groupingBy(Judged::queue)).forEach((queue, own) -> {
            if (own.size() >= FEW) {
                byQueue.put(queue, calibration(own));
            }
        });
        return new Calibrations(calibration(judged), byQueue);
    }

    private static Calibration calibration(List<Judged> judged) {
        return new Calibration(judged.stream()
                .map(each -> Calibration.ratio(each.expected(), each.waited()))
                .toList());
    }

    StartForecast forecast(QueueName queue, Estimate guess, Moment now) {
        return told(Basis.SIMULATION, byQueue.getOrDefault(queue, all).apply(guess, now), now);
    }

    /** What was found by the line is as wide as it had to be in simulated days. */
    static StartForecast byLine(Estimate estimate, Moment now) {
        return told(Basis.LINE, estimate, now);
    }

    private static StartForecast told(Basis basis, Estimate estimate, Moment now) {
        return new StartForecast(
                basis,
                instant(now),
                instant(estimate.earliest()),
                nullable(estimate.expected()),
                nullable(estimate.latest()));
    }

    private static Instant instant(Moment moment) {
        return Instant.ofEpochMilli(moment.millis());
    }

    private static @Nullable Instant nullable(@Nullable Moment moment) {
        return moment == null ? null : instant(moment);
    }
}
