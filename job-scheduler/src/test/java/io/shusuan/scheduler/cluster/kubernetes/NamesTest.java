package io.shusuan.scheduler.cluster.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobName;
import org.junit.jupiter.api.Test;

class NamesTest {

    private static final JobId ID = JobId.parse("0199aabb-ccdd-7eee-8fff-0123456789ab");
    private static final JobName LONG = new JobName("a".repeat(63));

    @Test
    void aNameIsReadableAndAlwaysTheSame() {
        assertThat(Names.workload(new JobName("digits-train"), ID, "trainer"))
                .isEqualTo("digits-train-456789ab-trainer");
        assertThat(Names.anchor(new JobName("digits-train"), ID)).isEqualTo("digits-train-456789ab");
    }

    @Test
    void aLongNameLeavesRoomForWhatKubernetesAppends() {
        String name = Names.workload(LONG, ID, "r".repeat(40));
        assertThat(name).hasSizeLessThanOrEqualTo(Names.MAX_WORKLOAD).matches(Names::isLabel);
        assertThat(Names.workloadOf("Pod", name + "-6f867703-x2b4z")).isEqualTo(name);
        assertThat(Names.workloadOf("ReplicaSet", name + "-6f867703")).isEqualTo(name);
        assertThat(Names.workloadOf("Job", name)).isEqualTo(name);
    }

    @Test
    void theObjectsOfALaterRunHaveNamesThatNoOtherRunOrRoleHas() {
        assertThat(Names.workload(new JobName("digits-train"), ID, 2, "trainer"))
                .isEqualTo("digits-train-456789abr2-trainer")
                .isNotEqualTo(Names.workload(new JobName("digits-train"), ID, "r2-trainer"));
        assertThat(Names.workload(LONG, ID, 1000, "r".repeat(40)))
                .hasSizeLessThanOrEqualTo(Names.MAX_WORKLOAD)
                .matches(Names::isLabel);
    }

    @Test
    void whatIsCutShortStaysApart() {
        assertThat(Names.fit("a".repeat(63), 20)).isNotEqualTo(Names.fit("a".repeat(62) + "b", 20));
        assertThat(Names.fit("Big_Role", 20))
                .isNotEqualTo(Names.fit("big-role", 20))
                .matches(Names::isLabel);
    }

    @Test
    void aLabelValueIsWhatKubernetesTakes() {
        assertThat(Names.labelValue("ada@example.org")).isEqualTo("ada-example.org");
        assertThat(Names.labelValue("\u6570\u7b97 x".repeat(20))).matches("[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?");
        assertThat(Names.labelValue("@@")).isEmpty();
    }
}
