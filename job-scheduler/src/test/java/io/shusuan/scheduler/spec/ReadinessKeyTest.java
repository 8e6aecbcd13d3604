package io.shusuan.scheduler.spec;

import static io.shusuan.scheduler.spec.FaultCode.*;
import static io.shusuan.scheduler.spec.SpecAssert.assertThatRoleWith;
import static io.shusuan.scheduler.spec.SpecAssert.assertThatSpec;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a role says when its tasks can answer. */
class ReadinessKeyTest {

    private static final String PORTS = "ports: [8000, {name: grpc, port: 8001}]\n";

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "{path: /}|/|8000",
                "{path: /v2/health/ready, port: 8000}|/v2/health/ready|8000",
                "{path: /-/healthz, port: port-0}|/-/healthz|8000",
                "{path: '/a%20b;c=d', port: grpc}|/a%20b;c=d|8001",
            })
    void takesAPathAndOneOfThePorts(String readiness, String path, int port) {
        var role = assertThatRoleWith(PORTS + "readiness: " + readiness)
                .isAccepted()
                .spec()
                .taskRoles()
                .getFirst();
        var read = requireNonNull(role.readiness());
        assertThat(read.path()).isEqualTo(path);
        assertThat(read.port().number()).isEqualTo(port);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|MISSING|7|14|taskRoles[0].readiness.path is missing",
                "/healthz|WRONG_TYPE|7|14|a readiness check with the keys path, port",
                "{path: healthz}|BAD_FORMAT|7|21|write /healthz",
                "{path: //host/healthz}|BAD_FORMAT|7|21|write /host/healthz",
                "{path: 'http://localhost:8000/healthz'}|BAD_FORMAT|7|21|write /healthz",
                "{path: '/a b'}|BAD_FORMAT|7|21|without blanks",
                "{path: '/a?b=c'}|BAD_FORMAT|7|21|without blanks, '?' and '#'",
                "{path: /%zz}|BAD_FORMAT|7|21|without blanks",
                "{path: /é}|BAD_FORMAT|7|21|without blanks",
                "{path: 5}|WRONG_TYPE|7|21|put it in quotes",
                "{path: /, port: 8002}|UNKNOWN_REFERENCE|7|30|one of port-0 (8000), grpc (8001), not 8002",
                "{path: /, port: grcp}|UNKNOWN_REFERENCE|7|30|write grpc",
                "{path: /, port: '8001'}|UNKNOWN_REFERENCE|7|30|write 8001",
                "{path: /, port: 8000.0}|UNKNOWN_REFERENCE|7|30|a port of the role",
                "{path: /, port: }|WRONG_TYPE|7|29|give it a value",
                "{path: /, port: [8000]}|WRONG_TYPE|7|30|a port of the role",
                "{path: /, periodSeconds: 5}|UNKNOWN_FIELD|7|24|it has path, port",
                "{httpGet: {path: /, port: 8000}, path: /}|UNKNOWN_FIELD|7|15|it has path, port",
            })
    void refusesOthersWithTheirPlace(String readiness, FaultCode code, int line, int column, String words) {
        assertThatRoleWith("gpuNumber: 0\n" + PORTS + "readiness: " + readiness)
                .hasOneFaultAt(line, column)
                .withCode(code)
                .saying(words);
    }

    @Test
    void isBoundInLength() {
        assertThatRoleWith(PORTS + "readiness: {path: /%s}".formatted("x".repeat(1023)))
                .isAccepted();
        assertThatRoleWith(PORTS + "readiness: {path: /%s}".formatted("x".repeat(1024)))
                .hasOneFault()
                .withCode(BAD_FORMAT);
        assertThatRoleWith(PORTS + "readiness: {path: /%s}".formatted("%20".repeat(342)))
                .hasOneFault()
                .withCode(BAD_FORMAT);
    }

    @Test
    void needsAPort() {
        assertThatRoleWith("readiness: {path: /}")
                .hasOneFaultAt(5, 3)
                .withCode(CONFLICT)
                .atPath("taskRoles[0].readiness")
                .saying("the role has none: give it 'ports'");
    }

    @Test
    void saysNothingOfPortsThatCouldNotBeRead() {
        assertThatRoleWith("ports: 8000\nreadiness: {path: /, port: http}")
                .hasOneFault()
                .atPath("taskRoles[0].ports");
        assertThatRoleWith("ports: [{name: http, port: 0}]\nreadiness: {path: /, port: htp}")
                .hasOneFault()
                .atPath("taskRoles[0].ports[0].port");
    }

    @Test
    void isForInferenceJobs() {
        assertThatSpec("""
                jobName: digits
                kind: training
                taskRoles:
                - {name: worker, command: run}
                - {name: board, command: run, ports: [6006], readiness: {path: /}}
                """)
                .hasOneFaultAt(5, 46)
                .withCode(CONFLICT)
                .atPath("taskRoles[1].readiness")
                .saying("is for inference jobs, this one is 'kind: training'");
    }

    @ParameterizedTest
    @CsvSource({"readinessProbe", "healthCheck", "readyness"})
    void isFoundByOtherNames(String key) {
        assertThatRoleWith(PORTS + key + ": {path: /}")
                .hasOneFault()
                .withCode(UNKNOWN_FIELD)
                .suggesting("readiness");
    }
}
