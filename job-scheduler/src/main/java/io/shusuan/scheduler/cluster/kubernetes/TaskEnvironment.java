package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.Mount;
import io.shusuan.scheduler.spec.TaskRole;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The environment of a task: what its job says, then what every task is told, which the job cannot override. */
final class TaskEnvironment {

    private TaskEnvironment() {}

    static List<EnvVar> of(Workload workload, TaskRole role) {
        var values = new TreeMap<String, String>();
        values.putAll(workload.spec().env());
        values.putAll(role.env());
        values.put("HOST", "0.0.0.0");
        for (int i = 0; i < role.ports().size(); i++) {
            String number = Integer.toString(role.ports().get(i).number());
            values.put("PORT_" + i, number);
            if (i == 0) {
                values.put("PORT", number);
            }
        }
        values.put("SHUSUAN_JOB_ID", workload.job().toString());
        values.put("SHUSUAN_JOB_NAME", workload.spec().name().value());
        values.put("SHUSUAN_TASK_ROLE", role.name());
        values.put("SHUSUAN_ARTIFACTS", TaskVolumes.ARTIFACTS_PATH);
        for (Mount mount : workload.spec().mounts()) {
            values.put(mount.variable(), mount.path());
        }
        var variables = new ArrayList<EnvVar>();
        for (Map.Entry<String, String> each : values.entrySet()) {
            variables.add(variable(each.getKey(), each.getValue()));
        }
        variables.removeIf(each -> each.getName().equals("SHUSUAN_TASK_INDEX")
                || each.getName().equals("SHUSUAN_TASK_NUMBER")
                || each.getName().equals("SHUSUAN_ATTEMPT_ID")
                || workload.extraEnv().containsKey(each.getName()));
        String secret = Names.anchor(workload.spec().name(), workload.job());
        for (String each : new TreeMap<>(workload.extraEnv()).keySet()) {
            variables.add(fromSecret(each, secret));
        }
        variables.add(fromPod("SHUSUAN_ATTEMPT_ID", "metadata.uid"));
        if (!workload.spec().kind().serves()) {
            variables.add(variable("SHUSUAN_TASK_NUMBER", Integer.toString(role.taskNumber())));
            variables.add(
                    fromPod("SHUSUAN_TASK_INDEX", "metadata.annotations['%s']".formatted(Labels.COMPLETION_INDEX)));
        } else if (role.taskNumber() == 1) {
            variables.add(variable("SHUSUAN_TASK_INDEX", "0"));
        }
        return List.copyOf(variables);
    }

    /** Kubernetes reads {@code $(NAME)} and {@code $$} in values and commands; doubling each dollar gives them as written. */
    static String literally(String text) {
        return text.replace("$", "$$");
    }

    private static EnvVar variable(String name, String value) {
        return new EnvVarBuilder().withName(name).withValue(literally(value)).build();
    }

    /** Whoever may look at pods may not thereby report as an agent of theirs. */
    private static EnvVar fromSecret(String name, String secret) {
        return new EnvVarBuilder()
                .withName(name)
                .withNewValueFrom()
                .withNewSecretKeyRef(name, secret, false)
                .endValueFrom()
                .build();
    }

    private static EnvVar fromPod(String name, String field) {
        return new EnvVarBuilder()
                .withName(name)
                .withNewValueFrom()
                .withNewFieldRef()
                .withApiVersion("v1")
                .withFieldPath(field)
                .endFieldRef()
                .endValueFrom()
                .build();
    }
}
