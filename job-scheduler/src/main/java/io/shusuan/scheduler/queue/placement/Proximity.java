package io.shusuan.scheduler.queue.placement;

/**
 * How near to each other a gang's tasks have to be.
 *
 * @param level the level of whose domains one shall hold them all; {@link #NODE} for one node
 */
public record Proximity(Kind kind, String level) {

    /** The level below all that a site names. */
    public static final String NODE = "node";

    public static final Proximity ANYWHERE = new Proximity(Kind.ANYWHERE, "");

    public enum Kind {
        ANYWHERE,
        /** In the narrowest domain that holds them, from this level upwards. */
        PREFERRED,
        REQUIRED
    }

    public static Proximity required(String level) {
        return new Proximity(Kind.REQUIRED, level);
    }

    public static Proximity preferred(String level) {
        return new Proximity(Kind.PREFERRED, level);
    }
}
