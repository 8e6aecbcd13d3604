package io.shusuan.scheduler.spec;

import static io.shusuan.scheduler.spec.SpecAssert.assertThatSpec;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Jobs that say which model to convert. */
class ConversionKeyTest {

    private static final String WITHOUT = """
            jobName: digits
            mounts: [{name: my-model, path: /models, artifacts: digits-train}]
            taskRoles: [{name: convert}]
            """;

    @TempDir
    private Path folder;

    private static String with(String conversion) {
        return WITHOUT + "conversion: " + conversion + "\n";
    }

    private static JobSpec accepted(String conversion) {
        return assertThatSpec(with(conversion)).isAccepted().spec();
    }

    @Test
    void saysWhatItIsAndWhatItRuns() {
        var parsed = assertThatSpec(with("{model: models/digits, to: int8}")).isAccepted();

        assertThat(parsed.spec().kind()).isEqualTo(JobKind.CONVERSION);
        assertThat(parsed.assumptions()).startsWith("kind: conversion, since the text says what to convert");
        var role = parsed.spec().taskRoles().getFirst();
        assertThat(role.command()).contains("shusuan-agent engine convert", "$SHUSUAN_MOUNT_MY_MODEL");
        assertThat(role.env())
                .containsEntry("SHUSUAN_CONVERSION_VERSION", "1")
                .containsEntry("SHUSUAN_CONVERSION_OUTPUT_VERSION", "2")
                .containsEntry("SHUSUAN_CONVERSION_OPTIONS", "--to=int8");
        assertThat(assertThatSpec("kind: conversion\n" + with("{model: a, to: fp16}"))
                        .isAccepted()
                        .assumptions())
                .noneMatch(each -> each.startsWith("kind:"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "{to: fp8, target: gpu, calibration: percentile}|--to=fp8 --target=gpu --calibration=percentile",
                "{to: int8, perTensor: true, withoutVnni: true}|--to=int8 --per-tensor --without-vnni",
                "{to: int8, perTensor: false}|--to=int8",
                "{to: bf16, keep: [Softmax, a/b.c]}|--to=bf16 --keep=Softmax --keep=a/b.c",
                "{to: int8, maxAccuracyDrop: 0.5, maxError: 12, minSpeedup: 1.25}|--to=int8 --max-accuracy-drop=0.5 --max-error=12 --min-speedup=1.25",
            })
    void becomesOptionsOfTheCommand(String conversion, String options) {
        assertThat(accepted(conversion.replaceFirst("\\{", "{model: digits, "))
                        .taskRoles()
                        .getFirst()
                        .env()
                        .get("SHUSUAN_CONVERSION_OPTIONS"))
                .isEqualTo(options.replace(' ', '\n'));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "{to: int8}|MISSING|conversion.model is missing",
                "{model: digits}|MISSING|conversion.to is missing",
                "{model: digits, to: int9}|BAD_FORMAT|write int8",
                "{model: /digits, to: int8}|BAD_FORMAT|write digits",
                "{model: a/../../b, to: int8}|BAD_FORMAT|a path within the mount",
                "{model: digits, to: int8, mount: other}|CONFLICT|the job has no mount of that name",
                "{model: digits, to: int8, version: 2, outputVersion: 2}|CONFLICT|name another one",
                "{model: digits, to: int8, version: 0}|OUT_OF_RANGE|from 1 to",
                "{model: digits, to: fp8}|CONFLICT|which no processor computes in: add 'target: gpu', or write int8",
                "{model: digits, to: fp8, target: gpu, calibration: entropy}|CONFLICT|write minmax",
                "{model: digits, to: int8, maxAccuracyDrop: 101}|OUT_OF_RANGE|a number from 0 to 100",
                "{model: digits, to: int8, minSpeedup: -1}|OUT_OF_RANGE|a number from 0 to 1000",
                "{model: digits, to: int8, keep: [\"a\\n--output=/etc\"]}|BAD_FORMAT|on one line",
                "{model: digits, to: int8, keep: ['']}|BAD_FORMAT|the name of a node or an operator",
                "{model: digits, precision: int8, to: int8}|UNKNOWN_FIELD|conversion",
                "digits|WRONG_TYPE|a conversion with the keys mount, model",
            })
    void refuses(String conversion, FaultCode code, String words) {
        assertThatSpec(with(conversion)).hasOneFault().withCode(code).saying(words);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "kind: training|[{name: a}]|this one is 'kind: training': remove one of the two",
                "kind: inference|[{name: a, ports: [80]}]|this one is 'kind: inference': remove one of the two",
                "timeLimit: 1h|[{name: a, command: run}]|is written by the platform in a conversion job: remove it",
                "timeLimit: 1h|[{name: a, taskNumber: 2}]|are one role with one task",
                "timeLimit: 1h|[{name: a}, {name: b}]|are one role with one task",
                "ingress: {host: a.example.com}|[{name: a, ports: [80]}]|this one is 'kind: conversion': remove one of the two",
                "restartToGrow: true|[{name: a}]|give a task role a minTaskNumber below its taskNumber",
            })
    void refusesWhatNoConversionIs(String line, String roles, String words) {
        assertThatSpec("""
                jobName: digits
                %s
                mounts: [{name: model, path: /models, artifacts: digits-train}]
                conversion: {model: digits, to: int8}
                taskRoles: %s
                """.formatted(line, roles))
                .hasOneFault()
                .withCode(FaultCode.CONFLICT)
                .saying(words);
    }

    @Test
    void saysWhatIsMissing() {
        assertThatSpec(WITHOUT + "kind: conversion\n")
                .hasOneFaultAt(4, 1)
                .withCode(FaultCode.CONFLICT)
                .saying("needs to know of what: add 'conversion'");
        assertThatSpec("""
                jobName: digits
                mounts: [{name: a, path: /a, pvc: a}, {name: b, path: /b, pvc: b}]
                conversion: {model: digits, to: int8}
                taskRoles: [{name: convert}]
                """).hasOneFault().withCode(FaultCode.MISSING).atPath("conversion.mount");
        assertThatSpec("jobName: digits\ntaskRoles: [{name: convert}]\n")
                .hasOneFault()
                .withCode(FaultCode.MISSING)
                .atPath("taskRoles[0].command");
    }

    /** The very program, by the very shell: names that a shell would act on are names. */
    @Test
    void nothingOfTheTextIsPartOfTheProgram() throws Exception {
        var agent = Files.createFile(
                folder.resolve("shusuan-agent"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.writeString(agent, "#!/bin/sh\nfor each in \"$@\"; do echo \"<$each>\"; done\n");
        var model = "$(touch${IFS}made-by-the-model)/a;b";
        var source =
                Files.createDirectories(folder.resolve("source").resolve(model).resolve("3"));
        Files.writeString(source.resolve("model.onnx"), "the model");

        var role = accepted(
                        "{model: '" + model
                                + "', version: 3, outputVersion: 5, to: int8, keep: ['*', 'a b', '$(touch made-by-a-name)', '\"']}")
                .taskRoles()
                .getFirst();
        var said = run(role);

        assertThat(said)
                .containsExactly(
                        "<engine>",
                        "<convert>",
                        "<" + folder.resolve("artifacts").resolve(model).resolve("3/model.onnx") + ">",
                        "<--samples>",
                        "<" + folder.resolve("artifacts").resolve(model).resolve("samples.npz") + ">",
                        "<--output>",
                        "<" + folder.resolve("artifacts").resolve(model).resolve("5") + ">",
                        "<--replace>",
                        "<--to=int8>",
                        "<--keep=*>",
                        "<--keep=a b>",
                        "<--keep=$(touch made-by-a-name)>",
                        "<--keep=\">");
        assertThat(folder.resolve("artifacts").resolve(model).resolve("3/model.onnx"))
                .hasContent("the model");
        assertThat(folder).isDirectoryNotContaining("glob:**/made-*");
    }

    private List<String> run(TaskRole role) throws IOException, InterruptedException {
        var builder = new ProcessBuilder("/bin/sh", "-c", role.command())
                .directory(folder.toFile())
                .redirectErrorStream(true);
        builder.environment().putAll(role.env());
        builder.environment().put("PATH", folder + ":" + System.getenv("PATH"));
        builder.environment()
                .put("SHUSUAN_MOUNT_MY_MODEL", folder.resolve("source").toString());
        builder.environment()
                .put("SHUSUAN_ARTIFACTS", folder.resolve("artifacts").toString());
        var process = builder.start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said.lines().toList();
    }
}
