package io.shusuan.scheduler.spec;

import static io.shusuan.scheduler.spec.Key.*;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The mappings of the dialect and the keys each may have: the one list that answers and the reference are held against. */
@SuppressWarnings("ImmutableEnumChecker") // what its fields hold never changes
enum Shape {
    JOB(
            "a job",
            "",
            JOB_NAME,
            KIND,
            DESCRIPTION,
            QUEUE,
            PRIORITY,
            PRIORITY_CLASS,
            TIME_LIMIT,
            TOPOLOGY,
            RESTART_TO_GROW,
            ENV,
            IMAGE_PULL_SECRETS,
            MOUNTS,
            INGRESS,
            SERVICE,
            CONVERSION,
            TASK_ROLES),
    TASK_ROLE(
            "a task role",
            "taskRoles[]",
            NAME,
            TASK_NUMBER,
            MIN_TASK_NUMBER,
            CPU_NUMBER,
            MEMORY_MB,
            GPU_NUMBER,
            GPU_TYPE,
            GPU_MEMORY,
            MIG,
            NODE_SELECTOR,
            TOLERATIONS,
            COMMAND,
            DOCKER_IMAGE,
            PORTS,
            READINESS,
            ENV),
    TASK_PORT("a port", "taskRoles[].ports[]", NAME, PORT),
    READINESS_CHECK("a readiness check", "taskRoles[].readiness", PATH, PORT),
    MOUNT("a mount", "mounts[]", NAME, PATH, READ_ONLY, PVC, NFS, ARTIFACTS),
    NFS_EXPORT("an NFS mount", "mounts[].nfs", SERVER, PATH),
    INGRESS_RULE("an ingress", "ingress", HOST, PATH, CLASS, ANNOTATIONS),
    SERVICE_CHOICE("a service", "service", TYPE),
    CONVERSION_ORDER(
            "a conversion",
            "conversion",
            Key.MOUNT,
            MODEL,
            VERSION,
            OUTPUT_VERSION,
            TO,
            TARGET,
            CALIBRATION,
            PER_TENSOR,
            WITHOUT_VNNI,
            KEEP,
            MAX_ACCURACY_DROP,
            MAX_ERROR,
            MIN_SPEEDUP),
    TOPOLOGY_CHOICE("a topology", "topology", LEVEL, REQUIRED, PACKING);

    private final String noun;
    private final String place;
    private final List<Key> keys;

    Shape(String noun, String place, Key... keys) {
        this.noun = noun;
        this.place = place;
        this.keys = List.of(keys);
    }

    String noun() {
        return noun;
    }

    boolean has(Key key) {
        return keys.contains(key);
    }

    Optional<Key> key(String text) {
        return keys.stream().filter(key -> key.text().equals(text)).findFirst();
    }

    /** The key that was probably meant by a word that is none. */
    Optional<String> meantBy(String text) {
        var synonym = keys.stream().filter(key -> key.isCalled(text)).map(Key::text);
        return synonym.findFirst()
                .or(() -> Typo.nearest(text, keys.stream().map(Key::text).toList()));
    }

    /** Where a key that does not belong here does, e.g. {@code taskRoles[].command}. */
    static Optional<String> homeOf(String text) {
        return Arrays.stream(values())
                .filter(shape -> shape.key(text).isPresent())
                .map(shape -> shape.pathOf(text))
                .findFirst();
    }

    String pathOf(String key) {
        return place.isEmpty() ? key : place + "." + key;
    }

    String inWords() {
        return "%s with the keys %s".formatted(noun, keysAsText());
    }

    String keysAsText() {
        return keys.stream().map(Key::text).collect(Collectors.joining(", "));
    }

    /** The paths of all keys, as the reference lists them. */
    List<String> paths() {
        return keys.stream().map(key -> pathOf(key.text())).toList();
    }
}
