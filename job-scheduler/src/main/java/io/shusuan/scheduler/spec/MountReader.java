package io.shusuan.scheduler.spec;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads the mounts of a job, each with exactly one source. */
final class MountReader {

    private static final String SOURCES = "exactly one of pvc, nfs and artifacts";

    private final Taken<String> names = new Taken<>();
    private final Taken<String> paths = new Taken<>();

    private MountReader() {}

    static Reading<List<Mount>> mounts() {
        return field -> Reading.listOf(new MountReader()::mount, Limits.MOUNTS).of(field);
    }

    private Optional<Mount> mount(Field field) {
        return field.read(Section.of(Shape.MOUNT)).flatMap(this::mount);
    }

    private Optional<Mount> mount(Section mount) {
        var name = mount.require(Key.NAME, once(Names.label(), names)).orElse("");
        var path = mount.require(Key.PATH, once(Names.mountPath(), paths)).orElse("");
        var readOnly = mount.read(Key.READ_ONLY, Numbers.truth());
        var claim = mount.read(Key.PVC, Names.dnsName());
        var export = mount.read(Key.NFS, Section.of(Shape.NFS_EXPORT)).map(MountReader::export);
        var job = mount.read(Key.ARTIFACTS, Names.jobName());

        if (given(mount).size() != 1) {
            mount.field()
                    .clash(
                            FaultCode.CONFLICT,
                            "must have " + SOURCES,
                            given(mount).isEmpty() ? "nothing" : String.join(", ", given(mount)),
                            SOURCES);
        }
        if (job.isPresent() && readOnly.filter(stated -> !stated).isPresent()) {
            mount.field(Key.READ_ONLY)
                    .ifPresent(at -> at.clash(
                            FaultCode.CONFLICT,
                            "cannot be false: a job's artifacts are never changed by another job",
                            "false",
                            "true"));
        }
        return claim.<Mount>map(volume -> new Mount.Claim(name, path, readOnly.orElse(false), volume))
                .or(() -> export.map(at -> new Mount.Nfs(name, path, readOnly.orElse(false), at.server(), at.path())))
                .or(() -> job.map(from -> new Mount.Artifacts(name, path, from)));
    }

    private static List<String> given(Section mount) {
        return Stream.of(Key.PVC, Key.NFS, Key.ARTIFACTS)
                .filter(mount::has)
                .map(Key::text)
                .toList();
    }

    private record Export(String server, String path) {}

    private static Export export(Section nfs) {
        return new Export(
                nfs.require(Key.SERVER, Names.server()).orElse(""),
                nfs.require(Key.PATH, Names.absolutePath()).orElse(""));
    }

    private static Reading<String> once(Reading<String> reading, Taken<String> taken) {
        return field -> {
            var value = reading.of(field);
            value.ifPresent(given -> taken.add(field, given));
            return value;
        };
    }
}
