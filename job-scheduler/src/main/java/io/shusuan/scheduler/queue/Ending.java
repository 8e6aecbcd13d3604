package io.shusuan.scheduler.queue;

/** When a running job ends. */
public sealed interface Ending {

    /** By then at the latest. */
    record By(Moment moment) implements Ending {}

    /** Some day. */
    record Unknown() implements Ending {}

    /** Not by itself: a service. */
    record Never() implements Ending {}

    Ending UNKNOWN = new Unknown();
    Ending NEVER = new Never();
}
