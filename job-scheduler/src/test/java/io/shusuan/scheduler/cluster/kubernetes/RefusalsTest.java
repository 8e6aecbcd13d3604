package io.shusuan.scheduler.cluster.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.scheduler.cluster.kubernetes.Refusals.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefusalsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "POD_SECURITY | pods \"x\" is forbidden: violates PodSecurity \"baseline:latest\": hostPath volumes (volume \"a\")",
                "QUOTA_EXCEEDED | pods \"x\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2",
                "QUOTA_EXCEEDED | pods \"x\" is forbidden: failed quota: q: must specify limits.memory for: task",
                "DENIED_BY_POLICY | admission webhook \"images.example.org\" denied the request: only our registry",
                "DENIED_BY_POLICY | pods \"x\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
                "OUTSIDE_LIMITS | pods \"x\" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi",
            })
    void theSentencesOfKubernetesAreKnown(String reason, String said) {
        assertThat(Refusals.explain(said)).map(Refusal::reason).hasValue(reason);
    }

    @Test
    void numbersAreKept() {
        assertThat(
                        Refusals.explain(
                                "exceeded quota: team, requested: requests.cpu=4, used: requests.cpu=500m, limited: requests.cpu=1"))
                .map(Refusal::message)
                .hasValue(
                        "The namespace's quota 'team' has no room: asked requests.cpu=4, used requests.cpu=500m, allowed requests.cpu=1. Ask for less, wait for other jobs to end, or have the administrator raise the ResourceQuota.");
    }

    @Test
    void whatThePlatformMayNotDoIsNoFaultOfTheJob() {
        String said =
                "jobs.batch \"x\" is forbidden: User \"system:serviceaccount:a:b\" cannot patch resource \"jobs\" in API group \"batch\" in the namespace \"n\"";
        assertThat(Refusals.isAboutUs(said)).isTrue();
        assertThat(Refusals.explain(said)).isEmpty();
    }
}
