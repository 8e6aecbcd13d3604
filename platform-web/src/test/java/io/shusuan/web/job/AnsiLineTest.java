package io.shusuan.web.job;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AnsiLineTest {

    private final AnsiLine lines = new AnsiLine();

    @Test
    void markupIsEscaped() {
        assertThat(lines.html("<script>alert('x') & \"y\"</script>"))
                .isEqualTo(
                        "<div class=\"line\">&lt;script&gt;alert(&#39;x&#39;) &amp; &quot;y&quot;&lt;/script&gt;</div>");
    }

    @Test
    void coloursBecomeClasses() {
        assertThat(lines.html("\u001b[1;31mWARN\u001b[0m calm"))
                .isEqualTo("<div class=\"line\"><span class=\"f1 bold\">WARN</span> calm</div>");
    }

    @Test
    void aColourLastsUntilItIsTakenBack() {
        lines.html("\u001b[32mgreen");
        assertThat(lines.html("still")).isEqualTo("<div class=\"line\"><span class=\"f2\">still</span></div>");
        assertThat(lines.html("\u001b[mplain")).isEqualTo("<div class=\"line\">plain</div>");
    }

    @Test
    void finerColoursBecomeTheNearestOfSixteen() {
        assertThat(lines.html("\u001b[38;5;196mred\u001b[0m")).contains("class=\"f9\"");
        assertThat(lines.html("\u001b[38;2;0;205;0mgreen\u001b[0m")).contains("class=\"f2\"");
    }

    @Test
    void otherSequencesAreDropped() {
        assertThat(lines.html("\u001b]0;title\u0007a\u001b[2Kb\u001b[10;20Hc\u001b"))
                .isEqualTo("<div class=\"line\">abc</div>");
    }

    @Test
    void ofAProgressBarTheLastStateIsShown() {
        assertThat(lines.html("10%\r50%\r100%")).isEqualTo("<div class=\"line\">100%</div>");
    }
}
