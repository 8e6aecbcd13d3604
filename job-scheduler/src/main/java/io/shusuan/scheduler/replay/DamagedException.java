package io.shusuan.scheduler.replay;

/** A stored cycle is not what it was. */
final class DamagedException extends Exception {

    private static final long serialVersionUID = 1;

    DamagedException(String why) {
        super(why);
    }
}
