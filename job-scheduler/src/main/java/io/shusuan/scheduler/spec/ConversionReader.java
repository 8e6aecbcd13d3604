package io.shusuan.scheduler.spec;

import io.shusuan.db.job.JobKind;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Reads what a conversion job makes, and gives its only role the program that does it: the agent's {@code engine convert}, over a copy of the model among
 * the job's own artifacts. What the text says reaches the program as variables, never as a part of it.
 */
final class ConversionReader {

    private final Section conversion;
    private final List<String> options = new ArrayList<>();

    private ConversionReader(Section conversion) {
        this.conversion = conversion;
    }

    private enum Precision {
        FP16,
        BF16,
        INT8,
        FP8
    }

    private enum Target {
        CPU,
        GPU
    }

    private enum Calibration {
        MINMAX,
        PERCENTILE,
        ENTROPY
    }

    /** @param roles of which there must be one, with one task */
    static List<TaskRole> read(Section job, Optional<JobKind> stated, List<Mount> mounts, List<TaskRole> roles) {
        if (!job.has(Key.CONVERSION)) {
            refuse(
                    job,
                    Key.KIND,
                    "is conversion, which needs to know of what: add 'conversion'",
                    "no conversion",
                    "conversion");
        }
        stated.filter(kind -> kind != JobKind.CONVERSION)
                .ifPresent(kind -> refuse(
                        job,
                        Key.CONVERSION,
                        "is for conversion jobs, this one is 'kind: %s': remove one of the two"
                                .formatted(Reach.spelled(kind)),
                        "kind: " + Reach.spelled(kind),
                        "kind: conversion"));
        int tasks = roles.stream().mapToInt(TaskRole::taskNumber).sum();
        if (tasks > 1) {
            refuse(
                    job,
                    Key.TASK_ROLES,
                    "of a conversion job are one role with one task: convert other models by other jobs",
                    tasks + " tasks",
                    "one task");
        }
        return job.read(Key.CONVERSION, Section.of(Shape.CONVERSION_ORDER))
                .map(section -> new ConversionReader(section).roles(mounts, roles))
                .orElse(roles);
    }

    private List<TaskRole> roles(List<Mount> mounts, List<TaskRole> roles) {
        var mount = mount(mounts);
        var model = conversion.require(Key.MODEL, Names.pathWithin()).orElse("");
        var version = conversion
                .read(Key.VERSION, Numbers.whole(1, Limits.MODEL_VERSION))
                .orElse(1);
        var output = conversion
                .read(Key.OUTPUT_VERSION, Numbers.whole(1, Limits.MODEL_VERSION))
                .orElse(version + 1);
        if (output.equals(version)) {
            refuse(
                    conversion,
                    Key.OUTPUT_VERSION,
                    "is the version that is converted: name another one",
                    output.toString(),
                    "another version");
        }
        options();
        var variables = new LinkedHashMap<String, String>();
        variables.put("SHUSUAN_CONVERSION_MODEL", model);
        variables.put("SHUSUAN_CONVERSION_VERSION", version.toString());
        variables.put("SHUSUAN_CONVERSION_OUTPUT_VERSION", output.toString());
        variables.put("SHUSUAN_CONVERSION_OPTIONS", String.join("\n", options));
        return mount.map(found -> running(roles, program(found), variables)).orElse(roles);
    }

    /** Options are lines, and nothing but lines divides them; a mount's variable is letters, digits and underscores. */
    private static String program(Mount mount) {
        return """
                set -f; IFS='
                '
                from="$%s/$SHUSUAN_CONVERSION_MODEL" made="$SHUSUAN_ARTIFACTS/$SHUSUAN_CONVERSION_MODEL"
                mkdir -p "$made" && cp -R "$from/." "$made" && exec shusuan-agent engine convert "$made/$SHUSUAN_CONVERSION_VERSION/model.onnx" \\
                    --samples "$made/samples.npz" --output "$made/$SHUSUAN_CONVERSION_OUTPUT_VERSION" --replace $SHUSUAN_CONVERSION_OPTIONS
                """.formatted(mount.variable());
    }

    private static List<TaskRole> running(List<TaskRole> roles, String program, Map<String, String> variables) {
        return roles.stream().map(role -> role.running(program, variables)).toList();
    }

    /** The one that is named, or the only one. */
    private Optional<Mount> mount(List<Mount> mounts) {
        if (!conversion.has(Key.MOUNT) && mounts.size() == 1) {
            return Optional.of(mounts.getFirst());
        }
        var name = conversion.require(Key.MOUNT, Names.label());
        var found = name.flatMap(given ->
                mounts.stream().filter(mount -> mount.name().equals(given)).findFirst());
        if (name.isPresent() && found.isEmpty()) {
            refuse(
                    conversion,
                    Key.MOUNT,
                    "is '%s', and the job has no mount of that name".formatted(name.get()),
                    name.get(),
                    mounts.isEmpty()
                            ? "a mount of the job"
                            : "one of "
                                    + String.join(
                                            ", ",
                                            mounts.stream().map(Mount::name).toList()));
        }
        return found;
    }

    private void options() {
        var precision = conversion.require(Key.TO, oneOf(Precision.values()));
        var target = conversion.read(Key.TARGET, oneOf(Target.values()));
        var calibration = conversion.read(Key.CALIBRATION, oneOf(Calibration.values()));
        if (precision.equals(Optional.of(Precision.FP8))) {
            refuseForFp8(target, calibration);
        }
        precision.ifPresent(given -> option("to", spelled(given)));
        target.ifPresent(given -> option("target", spelled(given)));
        calibration.ifPresent(given -> option("calibration", spelled(given)));
        flag(Key.PER_TENSOR, "per-tensor");
        flag(Key.WITHOUT_VNNI, "without-vnni");
        conversion
                .read(Key.KEEP, Reading.listOf(layer(), Limits.KEPT_LAYERS))
                .ifPresent(layers -> layers.forEach(layer -> option("keep", layer)));
        number(Key.MAX_ACCURACY_DROP, "max-accuracy-drop", Limits.ACCURACY_DROP);
        number(Key.MAX_ERROR, "max-error", Limits.ERROR);
        number(Key.MIN_SPEEDUP, "min-speedup", Limits.SPEEDUP);
    }

    private void refuseForFp8(Optional<Target> target, Optional<Calibration> calibration) {
        if (!target.equals(Optional.of(Target.GPU))) {
            refuse(
                    conversion,
                    Key.TO,
                    "is fp8, which no processor computes in: add 'target: gpu', or write int8",
                    "target: cpu",
                    "target: gpu");
        }
        if (calibration.equals(Optional.of(Calibration.ENTROPY))) {
            refuse(
                    conversion,
                    Key.CALIBRATION,
                    "cuts for 128 equal steps, which fp8 does not have: write minmax",
                    "entropy",
                    "minmax, percentile");
        }
    }

    private void option(String name, String value) {
        options.add("--" + name + "=" + value);
    }

    private void flag(Key key, String option) {
        if (conversion.read(key, Numbers.truth()).orElse(false)) {
            options.add("--" + option);
        }
    }

    private void number(Key key, String option, int most) {
        conversion
                .read(key, Numbers.upTo(most))
                .map(BigDecimal::toPlainString)
                .ifPresent(given -> option(option, given));
    }

    /** A node or an operator, on one line. */
    private static Reading<String> layer() {
        return Texts.matching(
                text -> !text.isBlank() && text.length() <= 1024 && text.chars().noneMatch(Character::isISOControl),
                "the name of a node or an operator, on one line, 1024 characters at most",
                String::strip);
    }

    private static <E extends Enum<E>> Reading<E> oneOf(E[] values) {
        return Texts.oneOf(values, ConversionReader::spelled);
    }

    private static String spelled(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static void refuse(Section section, Key key, String message, String found, String allowed) {
        section.field(key).ifPresent(at -> at.clash(FaultCode.CONFLICT, message, found, allowed));
    }
}
