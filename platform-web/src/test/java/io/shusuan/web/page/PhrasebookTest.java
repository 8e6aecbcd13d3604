package io.shusuan.web.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.scheduler.spec.Fault;
import io.shusuan.scheduler.spec.SpecException;
import io.shusuan.scheduler.spec.SpecReader;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhrasebookTest {

    /** Words of English that are neither quoted, nor keys, nor names of ours. */
    private static final Pattern ENGLISH =
            Pattern.compile("\\b(must|not|is|are|the|of|with|write|already|characters)\\b");

    private final Phrasebook phrases = new Phrasebook();

    private String chinese(String sentence) {
        return String.valueOf(phrases.say(sentence, PortalLocale.CHINESE));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            submitted by wei to queue default | wei 提交到队列 default
            over: connection refused | 已恢复，此前：连接被拒绝
            1 of 2 tasks are ready; task server-1: ended with exit code 3 | 2 个任务中 1 个就绪；任务 server-1：以退出码 3 结束
            a task of role inference asks for 1 GPU, 4 CPU, 8192 MB, but the largest node has 0 GPU, 2 CPU, 24105 MB; ask for less, or add a larger node | 角色 inference 的每个任务需要 1 GPU、4 CPU、8192 MB，但最大的节点只有 0 GPU、2 CPU、24105 MB；请减少申请，或增加更大的节点
            taskRoles[0].taskNumber must be a whole number from 1 to 10000, not 0 | taskRoles[0].taskNumber 应为 1 到 10000 的整数，而不是 0
            jobName must be 1 to 63 lower-case letters, digits and '-', beginning with a letter and ending with a letter or digit, not My_Job: write my-job | jobName 应为 1 到 63 个小写字母、数字和“-”，以字母开头，以字母或数字结尾，而不是 My_Job：请写 my-job
            1 fault(s); the first: idle.afterSeconds must be 60 or more: loading data takes some time | 1 处错误；第一处：idle.afterSeconds 至少为 60：加载数据需要一些时间
            asks for 0.1 CPU; of the quota of queue line 0 are free; held by line 0.1 | 需要 0.1 CPU；队列 line 的配额空闲 0；占用者：line 0.1
            asks for 8 GPU; of the quota of user wei in vision 2 are free | 需要 8 GPU；用户 wei 在 vision 中的配额空闲 2
            It runs, but GET /ping on port 8000 does not say yet that it is ready. The last answer was 503. | 正在运行，但端口 8000 上的 GET /ping 尚未表明它已就绪。上一次的回答是 503。
            something nobody foresaw | something nobody foresaw
            """)
    void saysItInChinese(String english, String expected) {
        assertThat(chinese(english)).isEqualTo(expected);
    }

    @Test
    void leavesEnglishReadersWithWhatWasSaid() {
        assertThat(phrases.say("all tasks run", Locale.ENGLISH)).isEqualTo("all tasks run");
        assertThat(phrases.say(null, PortalLocale.CHINESE)).isNull();
    }

    @Test
    void keepsEveryPartAndSaysNothingTwice() {
        var seen = new HashSet<List<String>>();
        for (var phrase : Phrasebook.read("phrases_zh_CN.txt")) {
            assertThat(new HashSet<>(phrase.places()))
                    .as(phrase.translation())
                    .isEqualTo(new HashSet<>(Phrase.places(phrase.translation())));
            assertThat(seen.add(phrase.fixed()))
                    .as("%s once more", phrase.fixed())
                    .isTrue();
        }
    }

    @Test
    void takesNoLongerForASentenceThatIsMadeToBeHard() {
        var hard = "x must be , not : , write ".repeat(20_000);

        assertThat(chinese(hard)).isNotEmpty();
    }

    /** The faults that people make, so that a sentence that is said anew and not written here is found. */
    @TestFactory
    Stream<DynamicTest> knowsWhatIsSaidOfFaultyTexts() {
        var job = "jobName: a\ntaskRoles:\n- name: b\n  command: c\n";
        return Stream.of(
                        "",
                        "---\n",
                        "- a\n",
                        "just text",
                        "jobName: A b\ntaskRoles: []\n",
                        "jobName: 1\ntaskRoles: x\n",
                        "jobName:\ntaskRoles:\n- x\n",
                        job + "jobName: b\n",
                        job + "qeue: x\n",
                        job + "command: x\n",
                        job + "whatever: x\n",
                        job + "kind: trainig\nqueue: Q q\npriority: 1001\ndescription: [a]\n",
                        job + "priority: 1\npriorityClass: P p\n",
                        job + "kind: inference\n",
                        job + "kind: training\ningress: {host: x}\n",
                        job + "ingress: {host: 'A b', path: x, class: 'A b', annotations: {'a b': x}}\n",
                        job + "service: {type: nodeport}\n",
                        job + "env: {A: , HOST: x, SHUSUAN_X: y, 1a: z, B: [c]}\n",
                        job + "env: x\n",
                        job + "imagePullSecrets: [" + "a, ".repeat(20) + "]\n",
                        job + "imagePullSecrets: [a, a]\n",
                        job
                                + "mounts: [{name: a, path: /, pvc: x, nfs: {server: 'A b', path: x}}, {name: a, path: a b}]\n",
                        job + "mounts: [{name: m, path: /m, readOnly: false, artifacts: x}]\n",
                        job + "mounts: [{name: m, path: /m, readOnly: 'no', artifacts: x}]\n",
                        "jobName: a\ntaskRoles:\n- {name: b, command: ' ', taskNumber: -1, cpuNumber: 0.0001, memoryMB: 8Gi,"
                                + " gpuNumber: 1e9, dockerImage: 'A b', ports: [0, {name: X, port: x}, 70000]}\n",
                        "jobName: a\ntaskRoles:\n- {name: b, command: x, taskNumber: '2', cpuNumber: 0x10, ports: 80}\n",
                        "jobName: a\ntaskRoles:\n- {name: b, command: x, taskNumber: 9000}\n- {name: b, command: x, taskNumber: 9000}\n",
                        "jobName: a\ntaskRoles:\n- {name: b, command: x, ports: [8000, 80]}\n",
                        "jobName: a\ntaskRoles:\n- {name: b, command: x, readiness: {path: /}}\n",
                        "jobName: a\ntaskRoles:\n- {name: b, command: x, ports: [8000], readiness: {path: 'a b', port: grpc}}\n",
                        "jobName: a\ntaskRoles:\n- {name: b, command: x, ports: [8000], readiness: {port: , pth: /}}\n",
                        "jobName: a\nkind: training\ntaskRoles:\n- {name: b, command: x, ports: [8000], readiness: {path: /}}\n",
                        job + "timeLimit: 30\ntopology: {level: Rack, required: 1}\n",
                        job + "timeLimit: 400d\ntopology: {}\n",
                        "jobName: a\ntaskRoles:\n- {name: b, command: x, gpuType: H 100, gpuMemory: 0, nodeSelector: {/a: -b},"
                                + " tolerations: [a b, node.kubernetes.io/x]}\n",
                        "jobName: a\ntaskRoles:\n- {name: b, command: x, gpuNumber: 1, gpuType: H100,"
                                + " nodeSelector: {nvidia.com/gpu.product: A100}}\n",
                        "jobName: &a b\ntaskRoles: *a\n",
                        "jobName: !!str b\ntaskRoles: x\n",
                        "jobName: 'a\n",
                        "jobName: a: b\n",
                        "\tjobName: a\n",
                        "jobName: [a\nb: c\n",
                        "jobName: @a\n",
                        "jobName: \"\\q\"\n",
                        "jobName: a\n x: b\n",
                        "jobName: a\nb\n",
                        "? [a]\n: b\n",
                        "1: b\n",
                        "a: " + "[".repeat(30) + "\n",
                        "a\0b",
                        job + "---\n" + job,
                        "{\"jobName\": \"a\"} x",
                        job + "description: \"\\u0007\"\n",
                        job + "description: " + "x".repeat(5000) + "\n")
                .map(text -> DynamicTest.dynamicTest("'" + text.replaceAll("\\s+", " ") + "'", () -> {
                    for (var fault : faults(text)) {
                        for (var said : said(fault)) {
                            assertThat(chinese(said).replaceAll("“.*?”", ""))
                                    .as(said)
                                    .doesNotContainPattern(ENGLISH);
                        }
                    }
                }));
    }

    private static List<String> said(Fault fault) {
        return List.of(fault.message(), fault.allowed());
    }

    private static List<Fault> faults(String text) {
        try {
            throw new AssertionError("nothing was found wrong: "
                    + new SpecReader()
                            .read(text.getBytes(StandardCharsets.UTF_8))
                            .spec());
        } catch (SpecException wrong) {
            return wrong.faults();
        }
    }
}
