package io.shusuan.scheduler.cluster.local;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.Mount;
import io.shusuan.scheduler.spec.TaskRole;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The variables that one attempt sees. */
record AttemptEnvironment(Workload workload, TaskRole role, AttemptFolder attempt, Plan plan) {

    /** Of the platform's own environment only what a program needs to run at all: the rest may hold secrets. */
    private static final List<String> INHERITED =
            List.of("HOME", "LANG", "LC_ALL", "TZ", "USER", "LOGNAME", "TMPDIR", "JAVA_HOME");

    Map<String, String> variables(LocalSettings settings, Function<JobId, Path> artifactsOf) {
        var env = new LinkedHashMap<String, String>();
        for (var name : INHERITED) {
            var value = System.getenv(name);
            if (value != null) {
                env.put(name, value);
            }
        }
        env.put(
                "PATH",
                Stream.concat(settings.path().stream().map(Path::toString), Stream.ofNullable(System.getenv("PATH")))
                        .collect(Collectors.joining(":")));
        env.putAll(workload.spec().env());
        env.putAll(role.env());
        env.putAll(workload.extraEnv());
        addWho(env);
        addPorts(env);
        addGpus(env);
        env.put("SHUSUAN_ARTIFACTS", artifactsOf.apply(workload.job()).toString());
        for (var mount : workload.spec().mounts()) {
            if (mount instanceof Mount.Artifacts artifacts) {
                var source = Objects.requireNonNull(workload.artifactSources().get(artifacts.name()));
                env.put(mount.variable(), artifactsOf.apply(source).toString());
            }
        }
        return env;
    }

    private void addWho(Map<String, String> env) {
        env.put("SHUSUAN_JOB_ID", workload.job().toString());
        env.put("SHUSUAN_JOB_NAME", workload.spec().name().value());
        env.put("SHUSUAN_TASK_ROLE", role.name());
        env.put("SHUSUAN_TASK_NUMBER", Integer.toString(role.taskNumber()));
        env.put("SHUSUAN_TASK_INDEX", Integer.toString(attempt.index()));
        env.put(Processes.ID_VARIABLE, attempt.id());
    }

    private void addPorts(Map<String, String> env) {
        env.put("HOST", "127.0.0.1");
        for (var i = 0; i < plan.ports().size(); i++) {
            env.put("PORT_" + i, plan.ports().get(i).toString());
        }
        if (!plan.ports().isEmpty()) {
            env.put("PORT", plan.ports().getFirst().toString());
        }
    }

    /** A task sees the GPUs it was given and no others, none if it asked for none. */
    private void addGpus(Map<String, String> env) {
        env.put("CUDA_VISIBLE_DEVICES", Plan.words(plan.gpus()).replace(' ', ','));
        env.put("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
    }
}
