package io.shusuan.scheduler.spec;

import static io.shusuan.scheduler.spec.FaultCode.*;
import static io.shusuan.scheduler.spec.SpecAssert.assertThatJobWith;
import static io.shusuan.scheduler.spec.SpecAssert.assertThatRoleWith;
import static io.shusuan.scheduler.spec.SpecAssert.assertThatSpec;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReachTest {

    private static final String WITHOUT_PORTS = """
            jobName: digits
            taskRoles: [{name: worker, command: run}]
            """;

    @Test
    void onlyTheFirstPortMayBeTheOneOfTheService() {
        assertThatRoleWith("ports: [80, 8080]").isAccepted();
        assertThatRoleWith("ports: [8080, {name: web, port: 80}]")
                .hasOneFault()
                .withCode(CONFLICT)
                .atPath("taskRoles[0].ports[1].port")
                .saying("put it first");
    }

    @Test
    void refusesInferenceWithoutPorts() {
        assertThatSpec(WITHOUT_PORTS + "kind: inference\ningress: {host: a.example.com}\n")
                .hasOneFaultAt(3, 1)
                .withCode(CONFLICT)
                .atPath("kind")
                .saying("needs a port to be reached");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ingress: {host: a.example.com}", "service: {type: NodePort}"})
    void refusesToLeadToAJobWithoutPorts(String line) {
        assertThatSpec(WITHOUT_PORTS + line)
                .hasOneFaultAt(3, 1)
                .withCode(CONFLICT)
                .saying("no task role has one");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ingress: {host: a.example.com}", "service: {type: NodePort}"})
    void refusesToLeadToATrainingJob(String line) {
        assertThatJobWith("kind: training\n" + line)
                .hasOneFaultAt(2, 1)
                .withCode(CONFLICT)
                .saying("this one is 'kind: training'");
    }

    @Test
    void saysNothingOfPortsThatItCouldNotRead() {
        assertThatSpec("""
                jobName: digits
                kind: inference
                taskRoles: [{name: worker, command: run, ports: 5000}]
                """).hasOneFault().withCode(WRONG_TYPE).atPath("taskRoles[0].ports");
        assertThatSpec("""
                jobName: digits
                ingress: {host: a.example.com}
                taskRole: [{name: worker, command: run, ports: 5000}]
                """).hasFaults(MISSING, UNKNOWN_FIELD);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{host: a}",
                "{host: a.b-c.example.com, path: /x/y, class: nginx}",
                "{host: '*.example.com'}",
                "{host: a, annotations: {x: 1, b.c/d_e.f: true, long: ''}}",
            })
    void takesAnIngress(String ingress) {
        assertThatJobWith("ingress: " + ingress).isAccepted();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|MISSING|host is missing",
                "{host: https://a.example.com/x}|BAD_FORMAT|write a.example.com",
                "{host: A.Example.com}|BAD_FORMAT|write a.example.com",
                "{host: a.*.com}|BAD_FORMAT|a DNS name",
                "{host: a..b}|BAD_FORMAT|a DNS name",
                "{host: -a}|BAD_FORMAT|a DNS name",
                "{host: a_b}|BAD_FORMAT|a DNS name",
                "{host: '*'}|BAD_FORMAT|a DNS name",
                "{host: a, path: x}|BAD_FORMAT|write /x",
                "{host: a, path: '/x y'}|BAD_FORMAT|without blanks",
                "{host: a, class: Nginx}|BAD_FORMAT|write nginx",
                "{host: a, className: nginx}|UNKNOWN_FIELD|did you mean class?",
                "{host: a, annotations: {'a b': x}}|BAD_FORMAT|annotation key",
                "{host: a, annotations: {a/b/c: x}}|BAD_FORMAT|annotation key",
                "{host: a, annotations: {'/b': x}}|BAD_FORMAT|annotation key",
                "{host: a, annotations: {b: [x]}}|WRONG_TYPE|in quotes",
                "{host: a, annotations: [x]}|WRONG_TYPE|from names to values",
                "a.example.com|WRONG_TYPE|an ingress with the keys host, path, class, annotations",
            })
    void refusesAnIngress(String ingress, FaultCode code, String words) {
        assertThatJobWith("ingress: " + ingress).hasOneFault().withCode(code).saying(words);
    }
}
