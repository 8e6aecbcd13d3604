package io.shusuan.scheduler.spec;

import static io.shusuan.scheduler.spec.FaultCode.*;
import static io.shusuan.scheduler.spec.SpecAssert.assertThatJobWith;
import static io.shusuan.scheduler.spec.SpecAssert.assertThatRoleWith;
import static io.shusuan.scheduler.spec.SpecAssert.assertThatSpec;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeysTest {

    @Test
    void suggestsTheKeyThatWasMeant() {
        assertThatSpec("""
                jobName: digits
                taskRoles:
                - name: worker
                  taskNumbr: 2
                  command: run
                """)
                .hasOneFaultAt(4, 3)
                .withCode(UNKNOWN_FIELD)
                .atPath("taskRoles[0].taskNumbr")
                .finding("taskNumbr")
                .allowing("taskNumber, minTaskNumber, cpuNumber")
                .suggesting("taskNumber")
                .saying("did you mean taskNumber?");
    }

    @Test
    void refusesTwoPriorities() {
        assertThatJobWith("priorityClass: prod").isAccepted();
        assertThatJobWith("priority: 1\npriorityClass: prod")
                .hasOneFaultAt(2, 1)
                .withCode(CONFLICT)
                .atPath("priorityClass")
                .saying("says what 'priority' says, too");
    }

    @Test
    void refusesGrowthInVain() {
        var elastic =
                "restartToGrow: true\ntaskRoles:\n- {name: worker, taskNumber: 4, minTaskNumber: 1, command: run%s}\n";
        assertThatSpec("jobName: digits\n" + elastic.formatted("")).isAccepted();
        assertThatJobWith("restartToGrow: false").isAccepted();
        assertThatJobWith("restartToGrow: true\nkind: training")
                .hasOneFaultAt(1, 1)
                .withCode(CONFLICT)
                .atPath("restartToGrow")
                .saying("give a task role a minTaskNumber below its taskNumber");
        assertThatSpec("jobName: digits\n" + elastic.formatted(", ports: [80]"))
                .hasOneFaultAt(2, 1)
                .withCode(CONFLICT)
                .saying("is for training jobs: a service would be away while it begins anew");
    }

    @Test
    void saysWhereInJson() {
        assertThatSpec("""
                {"jobName": "digits",
                  "taskRoles": [{"name": "worker", "command": "run", "gpunumber": 1},
                                {"name": "worker", "command": "run", "cpuNumber": "4"}]}
                """)
                .hasFaults(UNKNOWN_FIELD, DUPLICATE_VALUE, WRONG_TYPE)
                .hasFaultAt(2, 54)
                .suggesting("gpuNumber")
                .and()
                .hasFaultAt(3, 26)
                .saying("line 2")
                .and()
                .hasFaultAt(3, 67)
                .atPath("taskRoles[1].cpuNumber")
                .suggesting("4");
    }

    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource({
        "task_number, taskNumber",
        "TaskNumber, taskNumber",
        "replicas, taskNumber",
        "cpuNumbers, cpuNumber",
        "cpus, cpuNumber",
        "memoryMb, memoryMB",
        "memmoryMB, memoryMB",
        "memory, memoryMB",
        "gpu, gpuNumber",
        "dockerimage, dockerImage",
        "image, dockerImage",
        "prots, ports",
        "evn, env",
        "colour, ",
        "x, ",
    })
    void suggestsForARole(String key, @Nullable String suggestion) {
        var fault = assertThatRoleWith(key + ": x").hasOneFaultAt(5, 3).withCode(UNKNOWN_FIELD);
        if (suggestion == null) {
            fault.suggestingNothing().saying("it has name, taskNumber");
        } else {
            fault.suggesting(suggestion);
        }
    }

    @Test
    void saysWhereAMisplacedKeyBelongs() {
        assertThatJobWith("command: run").hasOneFault().saying("it belongs at taskRoles[].command");
        assertThatRoleWith("ingress: {}").hasOneFault().saying("it belongs at ingress");
    }

    @Test
    void reportsMissingKeysWhereTheirMappingBegins() {
        assertThatSpec("""
                queue: default
                taskRoles:
                - taskNumber: 1
                """)
                .hasFaults(MISSING, MISSING, MISSING)
                .hasFaultAt(1, 1)
                .atPath("jobName")
                .and()
                .hasFaultAt(3, 3)
                .atPath("taskRoles[0].name");
    }

    @Test
    void wantsARole() {
        assertThatSpec("{jobName: a, taskRoles: []}").hasOneFaultAt(1, 25).withCode(MISSING);
        assertThatSpec("{jobName: a, taskRoles: {}}")
                .hasOneFaultAt(1, 25)
                .withCode(WRONG_TYPE)
                .saying("a list");
        assertThatSpec("{jobName: a, taskRoles: [b]}")
                .hasOneFaultAt(1, 26)
                .withCode(WRONG_TYPE)
                .atPath("taskRoles[0]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"description:", "queue: ~", "priority: null", "env:", "kind:", "mounts:", "ingress:"})
    void refusesKeysWithoutValue(String line) {
        assertThatJobWith(line).hasOneFault().withCode(WRONG_TYPE);
    }

    @Test
    void reportsAllFaultsInTheOrderOfTheText() {
        assertThatSpec("""
                kind: serving
                jobName: Digits!
                taskRoles:
                - name: worker
                  command: ""
                  memoryMB: -1
                  ports: [70000]
                - name: worker
                  cpuNumber: "2"
                  command: run
                priority: 5000
                """)
                .hasFaults(
                        BAD_FORMAT,
                        BAD_FORMAT,
                        BAD_FORMAT,
                        OUT_OF_RANGE,
                        OUT_OF_RANGE,
                        DUPLICATE_VALUE,
                        WRONG_TYPE,
                        OUT_OF_RANGE);
    }
}
