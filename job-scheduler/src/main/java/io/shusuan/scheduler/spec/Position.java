package io.shusuan.scheduler.spec;

import java.util.Comparator;

/** A place in the text, both from 1, counted in characters as people see them (code points). */
record Position(int line, int column) implements Comparable<Position> {

    static final Position START = new Position(1, 1);

    private static final Comparator<Position> IN_TEXT_ORDER =
            Comparator.comparingInt(Position::line).thenComparingInt(Position::column);

    @Override
    public int compareTo(Position other) {
        return IN_TEXT_ORDER.compare(this, other);
    }
}
