package io.shusuan.scheduler.replay;

import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.Rules;
import io.shusuan.scheduler.queue.Running;
import io.shusuan.scheduler.queue.Snapshot;
import io.shusuan.scheduler.queue.Waiting;
import io.shusuan.scheduler.queue.placement.Site;
import io.shusuan.scheduler.queue.quota.Cohort;
import io.shusuan.scheduler.queue.quota.Limits;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads kept cycles in their order. One that was damaged is named and passed over, and with it those that only say what differs from
 * it: reading goes on with the next one that stands by itself. For one thread.
 */
public final class Recording {

    /** No entry is as large; a length beyond that is no length. */
    private static final int LARGEST = 1 << 30;

    private final EntryCodec codec = new EntryCodec();
    private final LongPredicate wanted;
    private final Consumer<KeptCycle> cycles;
    private final List<String> passedOver = new ArrayList<>();
    private final Map<JobId, Running> running = new LinkedHashMap<>();
    private final Map<JobId, Waiting> waiting = new LinkedHashMap<>();
    private final Map<JobId, String> names = new HashMap<>();
    private Site site = new Site(List.of(), List.of());
    private @Nullable Cohort cohorts;
    private Map<QueueName, Limits> recent = Map.of();
    private int lost;

    /** @param cycles is given each one that can be read */
    public Recording(Consumer<KeptCycle> cycles) {
        this(id -> true, cycles);
    }

    /** @param wanted of which cycles more is made than what is needed to understand the next ones */
    Recording(LongPredicate wanted, Consumer<KeptCycle> cycles) {
        this.wanted = wanted;
        this.cycles = cycles;
    }

    /** One entry in a file, before and after which others stand. */
    public static void write(DataOutputStream file, long id, byte[] content) throws IOException {
        file.writeLong(id);
        file.writeInt(content.length);
        file.write(content);
    }

    /** All entries of a file. Returns what had to be passed over, in words. */
    public List<String> readAll(InputStream file) throws IOException {
        try (var in = new DataInputStream(new BufferedInputStream(file))) {
            for (var id = nextId(in); id.isPresent(); id = nextId(in)) {
                var content = content(in);
                if (content.isEmpty()) {
                    passedOver.add("cycle %d was cut: the file ends within it".formatted(id.get()));
                    break;
                }
                read(id.get(), content.get());
            }
        }
        tellLost();
        return List.copyOf(passedOver);
    }

    private static Optional<Long> nextId(DataInputStream in) throws IOException {
        try {
            return Optional.of(in.readLong());
        } catch (EOFException end) {
            return Optional.empty();
        }
    }

    private static Optional<byte[]> content(DataInputStream in) throws IOException {
        try {
            var length = in.readInt();
            var content = length < 0 || length > LARGEST ? new byte[0] : in.readNBytes(length);
            return content.length == length ? Optional.of(content) : Optional.empty();
        } catch (EOFException cut) {
            return Optional.empty();
        }
    }

    void read(long id, byte[] content) {
        try {
            var entry = codec.decode(content);
            if (entry.whole()) {
                tellLost();
                forget();
            } else if (cohorts == null) {
                lost++;
                return;
            }
            take(entry);
            if (wanted.test(id)) {
                cycles.accept(cycle(id, entry));
            }
        } catch (DamagedException damaged) {
            tellLost();
            passedOver.add("cycle %d is damaged: %s".formatted(id, damaged.getMessage()));
            forget();
        }
    }

    private void tellLost() {
        if (lost > 0) {
            passedOver.add("%d cycle(s) that say only what differs from one that is not there".formatted(lost));
            lost = 0;
        }
    }

    private void forget() {
        running.clear();
        waiting.clear();
        cohorts = null;
    }

    private void take(Entry entry) {
        if (entry.site() != null) {
            site = new Site(entry.site().levels(), entry.site().nodes());
        }
        cohorts = entry.cohorts() == null ? cohorts : entry.cohorts();
        recent = entry.recent() == null ? recent : entry.recent();
        names.putAll(entry.names());
        for (var job : entry.gone()) {
            running.remove(job);
            waiting.remove(job);
        }
        for (var job : entry.running()) {
            waiting.remove(job.job());
            running.put(job.job(), job);
        }
        for (var job : entry.waiting()) {
            running.remove(job.job());
            waiting.put(job.job(), job);
        }
    }

    private KeptCycle cycle(long id, Entry entry) {
        return new KeptCycle(
                id,
                snapshot(entry, entry.rules()),
                new Decided(entry.decided(), entry.waits()),
                Collections.unmodifiableMap(names));
    }

    private Snapshot snapshot(Entry entry, Rules rules) {
        return new Snapshot(
                entry.time(),
                site,
                Objects.requireNonNull(cohorts),
                recent,
                List.copyOf(running.values()),
                List.copyOf(waiting.values()),
                rules);
    }
}
