package io.shusuan.scheduler.cluster.kubernetes;

import io.shusuan.scheduler.cluster.LogReader.Read.Line;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How far a log has been read. Kubernetes gives each line the time it was written, and opens a log from a whole second
 * on; so a log that is opened again begins with lines that were read already. They end with the line the cursor names:
 * its time, and which of the lines of that very time it is. Lines of two streams may stand in the file in another order
 * than their times, which is why the line is looked for and times are not merely compared. If it is not there any more,
 * the file having been rotated, whatever is later counts as new.
 */
final class LogPosition {

    /** How far times in a file are out of order, at most. */
    private static final long DISORDER_SECONDS = 2;

    private static final int MAX_HELD = 10_000;

    private @Nullable Instant time;
    private int ordinal;
    private boolean searching;
    private final List<Timed> held = new ArrayList<>();

    /** How many lines of each recent time this reading of the log has met. */
    private final NavigableMap<Instant, Integer> met = new TreeMap<>();

    private record Timed(Instant time, int ordinal, String text) {}

    /** @param cursor where an earlier reader stopped, if one did */
    LogPosition(@Nullable String cursor) {
        if (cursor != null) {
            int slash = cursor.lastIndexOf('/');
            try {
                time = Instant.parse(cursor.substring(0, Math.max(0, slash)));
                ordinal = Integer.parseInt(cursor.substring(slash + 1));
            } catch (DateTimeException | NumberFormatException e) {
                throw new IllegalArgumentException("'%s' is no log cursor of this cluster".formatted(cursor), e);
            }
        }
    }

    /** From when on to open the log again; nothing for all of it. */
    @Nullable
    Instant from() {
        return time == null ? null : time.truncatedTo(ChronoUnit.SECONDS).minusSeconds(1);
    }

    /** The log has been opened, at {@link #from}. */
    void opened() {
        searching = time != null;
        met.clear();
        held.clear();
    }

    /** The lines that are new now that this one has been read. */
    List<Line> read(String raw) {
        int space = raw.indexOf(' ');
        Instant at;
        try {
            at = Instant.parse(space < 0 ? raw : raw.substring(0, space));
        } catch (DateTimeException e) {
            // The kubelet itself speaks, about a log that it cannot read.
            return searching || time == null ? List.of(new Line("", raw)) : List.of(new Line(cursor(time), raw));
        }
        met.headMap(at.minusSeconds(DISORDER_SECONDS)).clear();
        var line = new Timed(at, met.merge(at, 1, Integer::sum), space < 0 ? "" : raw.substring(space + 1));
        if (!searching) {
            return List.of(deliver(line));
        }
        return search(line);
    }

    private List<Line> search(Timed line) {
        Instant sought = time;
        if (sought == null || line.time().isBefore(sought)) {
            return List.of();
        }
        if (line.time().equals(sought)) {
            if (line.ordinal() == ordinal) {
                searching = false;
                held.clear(); // what stands before the line was read before it
            }
            return List.of();
        }
        held.add(line);
        boolean past = line.time().isAfter(sought.plusSeconds(DISORDER_SECONDS));
        return past || held.size() > MAX_HELD ? ended() : List.of();
    }

    /** The lines that turn out to be new, now that the log has no more. */
    List<Line> ended() {
        searching = false;
        var lines = held.stream().map(this::deliver).toList();
        held.clear();
        return lines;
    }

    private Line deliver(Timed line) {
        ordinal = line.ordinal();
        time = line.time();
        return new Line(cursor(line.time()), line.text());
    }

    private String cursor(Instant at) {
        return at + "/" + ordinal;
    }
}
