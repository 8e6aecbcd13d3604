package io.shusuan.web.job;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FreshNameTest {

    @Test
    void aCopyIsNumberedAndNothingElseChanges() {
        assertThat(FreshName.in("# my job\njobName: train   # the name\nkind: training\n"))
                .isEqualTo("# my job\njobName: train-2   # the name\nkind: training\n");
    }

    @Test
    void aCopyOfACopyCountsOn() {
        assertThat(FreshName.in("kind: training\njobName: \"train-9\""))
                .isEqualTo("kind: training\njobName: \"train-10\"");
    }

    @Test
    void aTextInJsonIsNumberedToo() {
        assertThat(FreshName.in("{\n  \"jobName\" : \"train\"}")).isEqualTo("{\n  \"jobName\" : \"train-2\"}");
        assertThat(FreshName.in("{\"jobName\":\"train\", \"x\": 1}")).isEqualTo("{\"jobName\":\"train-2\", \"x\": 1}");
    }

    @Test
    void theLongestNameStaysAName() {
        var longest = "a".repeat(63);
        assertThat(FreshName.in("jobName: " + longest)).isEqualTo("jobName: " + "a".repeat(61) + "-2");
    }

    @Test
    void aTextWithoutANameIsLeftAlone() {
        assertThat(FreshName.in("- jobName: nested")).isEqualTo("- jobName: nested");
    }
}
