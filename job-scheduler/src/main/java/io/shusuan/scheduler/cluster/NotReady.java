package io.shusuan.scheduler.cluster;

/** Why an attempt that runs is not ready, in the words that every cluster uses. */
public final class NotReady {

    private NotReady() {}

    public static String port(int port) {
        return "It runs, but nothing answers on port %d yet.".formatted(port);
    }

    public static String path(String path, int port) {
        return "It runs, but GET %s on port %d does not say yet that it is ready.".formatted(path, port);
    }

    /** @param sentence of a path */
    public static String answered(String sentence, int status) {
        return "%s The last answer was %d.".formatted(sentence, status);
    }
}
