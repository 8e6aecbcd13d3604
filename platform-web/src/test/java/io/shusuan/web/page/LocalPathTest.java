package io.shusuan.web.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalPathTest {

    @ParameterizedTest
    @ValueSource(strings = {"/", "/jobs?state=active&text=a%20b", "/jobs/01a2?tab=logs"})
    void pagesOfThePortalAreGoneBackTo(String path) {
        assertThat(LocalPath.of(path)).isEqualTo(path);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "//evil.example",
                "/\\evil.example",
                "https://evil.example",
                "javascript:alert(1)",
                "/a\r\nX: y"
            })
    void anythingElseIsNot(String elsewhere) {
        assertThat(LocalPath.of(elsewhere)).isEqualTo("/");
    }
}
