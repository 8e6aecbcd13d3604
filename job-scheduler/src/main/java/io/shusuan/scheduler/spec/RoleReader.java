package io.shusuan.scheduler.spec;

import io.shusuan.db.job.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads the task roles of a job. */
final class RoleReader {

    private static final int DEFAULT_TASKS = 1;
    private static final long DEFAULT_MILLI_CPUS = 1000;
    private static final long DEFAULT_MEMORY_MIB = 1024;

    /** Stands for ports that could not be read, so that nobody complains that there are none. */
    private static final List<TaskPort> UNREADABLE_PORTS = List.of(new TaskPort("", 0));

    private final Taken<String> names = new Taken<>();
    private final List<String> assumptions;
    private final boolean commanded;

    private RoleReader(List<String> assumptions, boolean commanded) {
        this.assumptions = assumptions;
        this.commanded = commanded;
    }

    /**
     * At least one role, and not more tasks than a job may have. Adds a sentence for each role that left something open.
     *
     * @param commanded whether roles say what they run; or else the platform does
     */
    static Reading<List<TaskRole>> roles(List<String> assumptions, boolean commanded) {
        return field -> {
            var roles = Reading.listOf(new RoleReader(assumptions, commanded)::role, Limits.TASK_ROLES)
                    .of(field);
            if (field.node() instanceof Node.Sequence sequence
                    && sequence.items().isEmpty()) {
                return field.mustBe(FaultCode.MISSING, "a list of at least one task role", null);
            }
            var tasks = roles.stream()
                    .flatMap(List::stream)
                    .mapToLong(TaskRole::taskNumber)
                    .sum();
            if (tasks > Limits.TASKS) {
                field.clash(
                        FaultCode.OUT_OF_RANGE,
                        "have %d tasks together: a job may have %d".formatted(tasks, Limits.TASKS),
                        "%d tasks".formatted(tasks),
                        "at most %d tasks".formatted(Limits.TASKS));
            }
            return roles;
        };
    }

    /** A role that is wrong is read with stand-ins, so that the rest of the job can be checked against it. */
    private Optional<TaskRole> role(Field field) {
        return field.read(Section.of(Shape.TASK_ROLE)).map(this::role);
    }

    private TaskRole role(Section role) {
        var name = role.require(Key.NAME, Names.label());
        name.ifPresent(given -> role.field(Key.NAME).ifPresent(at -> names.add(at, given)));
        var taskNumber =
                role.read(Key.TASK_NUMBER, Numbers.whole(1, Limits.TASKS)).orElse(DEFAULT_TASKS);
        var minTaskNumber =
                role.read(Key.MIN_TASK_NUMBER, Numbers.whole(1, taskNumber)).orElse(taskNumber);
        var milliCpus = role.read(Key.CPU_NUMBER, Numbers.thousandthsOfCores(Limits.CORES))
                .orElse(DEFAULT_MILLI_CPUS);
        var memory =
                role.read(Key.MEMORY_MB, Numbers.mebibytes(Limits.MEMORY_MIB)).orElse(DEFAULT_MEMORY_MIB);
        var gpus = role.read(Key.GPU_NUMBER, Numbers.whole(0, Limits.GPUS));
        var nodes = NodeReader.nodes(role, gpus);
        var command = commanded
                ? role.require(Key.COMMAND, Texts.notBlank(Limits.COMMAND_BYTES))
                        .orElse("")
                : none(role);
        var image = role.read(Key.DOCKER_IMAGE, ImageReference.reading());
        var ports = ports(role);
        var readiness = role.read(Key.READINESS, ReadinessReader.readiness(ports));
        var env = role.read(Key.ENV, Variables.environment()).orElse(Map.of());
        assumed(role)
                .ifPresent(what -> assumptions.add(
                        "task role '%s': %s, since the text does not say".formatted(name.orElse(""), what)));
        return new TaskRole(
                name.orElse(""),
                taskNumber,
                minTaskNumber,
                new Resources(milliCpus, memory, gpus.orElse(0)),
                nodes,
                command,
                image.orElse(null),
                ports,
                readiness.orElse(null),
                env);
    }

    private static String none(Section role) {
        role.field(Key.COMMAND)
                .ifPresent(at -> at.clash(
                        FaultCode.CONFLICT,
                        "is written by the platform in a conversion job: remove it",
                        "a command",
                        "no command, or kind: training"));
        return "";
    }

    /** Where the roles of a job, if they are roles, say how they are ready. */
    static List<Field> readiness(Section job) {
        return job.field(Key.TASK_ROLES).stream()
                .flatMap(roles -> roles.node() instanceof Node.Sequence sequence
                        ? roles.items(sequence.items()).stream()
                        : Stream.empty())
                .flatMap(role -> role.node() instanceof Node.Mapping mapping
                        ? new Section(role, mapping, Shape.TASK_ROLE).field(Key.READINESS).stream()
                        : Stream.empty())
                .toList();
    }

    private static List<TaskPort> ports(Section role) {
        return role.has(Key.PORTS) ? role.read(Key.PORTS, PortReader.ports()).orElse(UNREADABLE_PORTS) : List.of();
    }

    private static Optional<String> assumed(Section role) {
        var assumed = new ArrayList<String>();
        assume(role, Key.TASK_NUMBER, DEFAULT_TASKS, assumed);
        assume(role, Key.CPU_NUMBER, DEFAULT_MILLI_CPUS / 1000, assumed);
        assume(role, Key.MEMORY_MB, DEFAULT_MEMORY_MIB, assumed);
        return assumed.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", assumed));
    }

    private static void assume(Section role, Key key, long value, List<String> assumed) {
        if (!role.has(key)) {
            assumed.add(key.text() + " " + value);
        }
    }
}
