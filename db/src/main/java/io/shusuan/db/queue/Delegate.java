package io.shusuan.db.queue;

import java.util.regex.Pattern;

/**
 * Who admits the jobs of a queue in the place of the platform: another scheduler of the cluster.
 *
 * @param queue the queue of that scheduler to which they are handed, by its own name
 */
public record Delegate(Scheduler scheduler, String queue) {

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?");

    public static final String RULE =
            "1 to 63 lower-case letters, digits, '-' and '.', beginning and ending with a letter or digit";

    public Delegate {
        if (!isValid(queue)) {
            throw new IllegalArgumentException("%s's queue '%s' must be %s".formatted(scheduler, queue, RULE));
        }
    }

    public static boolean isValid(String queue) {
        return NAME.matcher(queue).matches();
    }

    /** As people call it. */
    @Override
    public String toString() {
        return "%s's %s %s".formatted(scheduler, scheduler.queueKind(), queue);
    }

    /** Schedulers that take whole gangs. */
    public enum Scheduler {
        KUEUE("Kueue", "LocalQueue", 8),
        VOLCANO("Volcano", "Queue", Integer.MAX_VALUE),
        KAI("KAI", "Queue", Integer.MAX_VALUE);

        private final String name;
        private final String queueKind;
        private final int mostKinds;

        Scheduler(String name, String queueKind, int mostKinds) {
            this.name = name;
            this.queueKind = queueKind;
            this.mostKinds = mostKinds;
        }

        /** What it calls that to which jobs are handed. */
        public String queueKind() {
            return queueKind;
        }

        /** Of how many kinds the tasks of a gang may be. */
        public int mostKinds() {
            return mostKinds;
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
