package io.shusuan.scheduler.spec;

import static io.shusuan.scheduler.spec.SpecAssert.assertThatSpec;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The reference of the dialect, in both languages, says what the reader does. */
class JobYamlReferenceTest {

    private static final File DOCS = new File("..", "docs");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z][A-Za-z.\\[\\]]*)` \\|");
    private static final Pattern EXAMPLE = Pattern.compile("(?s)```(yaml|json)\n(.*?)```");
    private static final Pattern CODE_ROW = Pattern.compile("(?m)^\\| `([A-Z0-9_]+)` \\|");

    @ParameterizedTest
    @ValueSource(strings = {"job-yaml.md", "job-yaml.zh-CN.md"})
    void listsEveryKeyInOrder(String name) throws IOException {
        var keys = Arrays.stream(Shape.values())
                .flatMap(shape -> shape.paths().stream())
                .toList();
        assertThat(found(ROW, 1, name)).containsExactlyElementsOf(keys);
    }

    @ParameterizedTest
    @ValueSource(strings = {"job-yaml.md", "job-yaml.zh-CN.md"})
    void listsEveryCode(String name) throws IOException {
        var codes = Arrays.stream(FaultCode.values()).map(FaultCode::name).toList();
        assertThat(found(CODE_ROW, 1, name)).containsExactlyElementsOf(codes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"job-yaml.md", "job-yaml.zh-CN.md"})
    void showsExamplesThatAreAccepted(String name) throws IOException {
        assertThat(found(EXAMPLE, 2, name))
                .hasSizeGreaterThan(2)
                .allSatisfy(example -> assertThatSpec(example).isAccepted());
    }

    private static List<String> found(Pattern pattern, int group, String name) throws IOException {
        return pattern.matcher(Files.readString(new File(DOCS, name).toPath()))
                .results()
                .map(match -> match.group(group))
                .toList();
    }
}
