package io.shusuan.scheduler.replay;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.queue.Decision;
import io.shusuan.scheduler.queue.Snapshot;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Cycles that a test records and reads again; each has the number of its place, from 0. */
final class Kept {

    private final Recorder recorder = new Recorder(jobs -> {
        var found = new HashMap<JobId, String>();
        jobs.forEach(job -> found.put(job, Kept.this.names.getOrDefault(job, "job-" + job)));
        return found;
    });
    private final Map<JobId, String> names;
    private final List<Recorder.Stored> stored = new ArrayList<>();

    Kept(Map<JobId, String> names) {
        this.names = names;
    }

    void add(Snapshot snapshot, List<Decision> decisions) {
        stored.add(recorder.record(snapshot, decisions));
    }

    List<Recorder.Stored> stored() {
        return stored;
    }

    /** As they are exported. */
    byte[] file() {
        var bytes = new ByteArrayOutputStream();
        try (var file = new DataOutputStream(bytes)) {
            for (var i = 0; i < stored.size(); i++) {
                Recording.write(file, i, stored.get(i).content());
            }
        } catch (IOException inMemory) {
            throw new UncheckedIOException(inMemory);
        }
        return bytes.toByteArray();
    }

    Path in(Path folder) throws IOException {
        return Files.write(folder.resolve("cycles"), file());
    }

    /** What can be read of a file, and what had to be passed over. */
    record Read(List<KeptCycle> cycles, List<String> passedOver) {}

    static Read read(byte[] file) {
        var cycles = new ArrayList<KeptCycle>();
        try {
            var passedOver = new Recording(cycles::add).readAll(new ByteArrayInputStream(file));
            return new Read(cycles, passedOver);
        } catch (IOException inMemory) {
            throw new UncheckedIOException(inMemory);
        }
    }
}
