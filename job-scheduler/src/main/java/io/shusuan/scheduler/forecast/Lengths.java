package io.shusuan.scheduler.forecast;

import io.shusuan.scheduler.queue.Ending;
import io.shusuan.scheduler.queue.Running;
import io.shusuan.scheduler.queue.Waiting;
import java.time.Duration;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** How long jobs run in one possible future; null: nobody knows, or for ever. */
record Lengths(RunTimes runTimes, Random random) {

    /** How much longer, of one that has run for some time. */
    @Nullable
    Duration rest(Running job, Duration already) {
        var guess = runTimes.guess(job.queue(), job.user(), already, random);
        return switch (job.ending()) {
            case Ending.Never never -> null;
            case Ending.By by -> atMost(by.moment().since(job.started()).minus(already), guess);
            case Ending.Unknown unknown -> guess;
        };
    }

    /** Of one that begins. */
    @Nullable
    Duration whole(Waiting job) {
        var guess = runTimes.guess(job.queue(), job.user(), Duration.ZERO, random);
        return job.limit() == null ? guess : atMost(job.limit(), guess);
    }

    private Duration atMost(Duration limit, @Nullable Duration guess) {
        if (guess == null) {
            return limit.multipliedBy(random.nextInt(1, 101)).dividedBy(100);
        }
        return guess.compareTo(limit) < 0 ? guess : limit;
    }
}
