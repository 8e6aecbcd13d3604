package io.shusuan.scheduler.spec;

import static io.shusuan.scheduler.spec.SpecAssert.assertThatRoleWith;
import static io.shusuan.scheduler.spec.SpecAssert.assertThatSpec;
import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumbersTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "taskNumber: 1",
        "taskNumber: 10000",
        "taskNumber: +3",
        "minTaskNumber: 1",
        "cpuNumber: 0.001",
        "cpuNumber: 4096",
        "cpuNumber: 1.50",
        "cpuNumber: 2.0000",
        "memoryMB: 1",
        "memoryMB: 67108864",
        "gpuNumber: 0",
        "gpuNumber: -0",
        "gpuNumber: 64",
        "ports: [1]",
        "ports: [65535]"
    })
    void takes(String line) {
        assertThatRoleWith(line).isAccepted();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "taskNumber: 0",
        "taskNumber: -1",
        "taskNumber: 10001",
        "taskNumber: 99999999999999999999999999999999999999999",
        "minTaskNumber: 0",
        "minTaskNumber: 2",
        "cpuNumber: 0",
        "cpuNumber: 0.0004",
        "cpuNumber: -1",
        "cpuNumber: 4096.001",
        "memoryMB: 0",
        "memoryMB: -8192",
        "memoryMB: 67108865",
        "gpuNumber: -1",
        "gpuNumber: 65",
    })
    void refusesWhatIsTooLittleOrTooMuch(String line) {
        assertThatRoleWith(line)
                .hasOneFaultAt(5, line.indexOf(' ') + 4)
                .withCode(FaultCode.OUT_OF_RANGE)
                .atPath("taskRoles[0]." + line.substring(0, line.indexOf(':')))
                .suggestingNothing();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "taskNumber: 0x10, BAD_FORMAT, 16",
        "taskNumber: 0o10, BAD_FORMAT, 8",
        "taskNumber: 010, BAD_FORMAT, 10",
        "taskNumber: 1e2, BAD_FORMAT, 100",
        "taskNumber: 1e99, BAD_FORMAT, ",
        "taskNumber: 1e999999999, BAD_FORMAT, ",
        "taskNumber: 4.0, BAD_FORMAT, 4",
        "taskNumber: 1.5, BAD_FORMAT, ",
        "taskNumber: .inf, BAD_FORMAT, ",
        "taskNumber: -.INF, BAD_FORMAT, ",
        "taskNumber: .nan, BAD_FORMAT, ",
        "cpuNumber: .5, BAD_FORMAT, 0.5",
        "cpuNumber: 1., BAD_FORMAT, 1",
        "cpuNumber: 0.0015, BAD_FORMAT, 0.002",
        "cpuNumber: .nan, BAD_FORMAT, ",
        "taskNumber: 1_000, WRONG_TYPE, 1000",
        "taskNumber: NaN, WRONG_TYPE, ",
        "taskNumber: two, WRONG_TYPE, ",
        "taskNumber: true, WRONG_TYPE, ",
        "taskNumber: ~, WRONG_TYPE, ",
        "taskNumber: , WRONG_TYPE, ",
        "taskNumber: [1], WRONG_TYPE, ",
        "taskNumber: {}, WRONG_TYPE, ",
        "taskNumber: 4G, WRONG_TYPE, ",
        "cpuNumber: 500m, WRONG_TYPE, 0.5",
        "cpuNumber: 4 cores, WRONG_TYPE, ",
        "memoryMB: 8Gi, WRONG_TYPE, 8192",
        "memoryMB: 512 MB, WRONG_TYPE, 512",
        "memoryMB: 99999999T, WRONG_TYPE, ",
        "gpuNumber: \"1\", WRONG_TYPE, 1",
    })
    void refusesOtherSpellings(String line, FaultCode code, @Nullable String suggestion) {
        var fault = assertThatRoleWith(line).hasOneFault().withCode(code);
        assertThat(fault.fault().suggestion()).isEqualTo(suggestion);
    }

    @Test
    void saysToRemoveTheQuotes() {
        assertThatRoleWith("cpuNumber: '4'")
                .hasOneFaultAt(5, 14)
                .withCode(FaultCode.WRONG_TYPE)
                .finding("\"4\"")
                .allowing("from 0.001 to 4096")
                .saying("remove the quotes")
                .suggesting("4");
    }

    @Test
    void countsThousandthsOfCores() {
        var spec = assertThatRoleWith("cpuNumber: 0.125").isAccepted().spec();
        assertThat(spec.total().milliCpus()).isEqualTo(125);
    }

    @Test
    void limitsTheTasksOfAllRolesTogether() {
        assertThatSpec("""
                jobName: digits
                taskRoles:
                - {name: a, command: run, taskNumber: 10000}
                - {name: b, command: run, taskNumber: 1}
                """)
                .hasOneFaultAt(2, 1)
                .withCode(FaultCode.OUT_OF_RANGE)
                .atPath("taskRoles")
                .saying("10001");
    }
}
