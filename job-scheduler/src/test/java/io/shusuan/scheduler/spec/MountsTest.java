package io.shusuan.scheduler.spec;

import static io.shusuan.scheduler.spec.SpecAssert.assertThatJobWith;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MountsTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "{name: a, path: /a}|CONFLICT|must have exactly one of pvc, nfs and artifacts",
                "{name: a, path: /a, pvc: p, artifacts: j}|CONFLICT|exactly one of",
                "{name: a, path: /a, nfs: {server: s}}|MISSING|path is missing",
                "{name: a, path: /a, nfs: {path: /}}|MISSING|server is missing",
                "{name: a, path: /a, nfs: server:/x}|WRONG_TYPE|an NFS mount with the keys server, path",
                "{name: a, path: /a, nfs: {server: a b, path: /}}|BAD_FORMAT|or an IP address",
                "{name: a, path: /a, nfs: {server: s, path: x}}|BAD_FORMAT|write /x",
                "{path: /a, pvc: p}|MISSING|name is missing",
                "{name: a, pvc: p}|MISSING|path is missing",
                "{name: A, path: /a, pvc: p}|BAD_FORMAT|write a",
                "{name: a, path: a, pvc: p}|BAD_FORMAT|write /a",
                "{name: a, path: /, pvc: p}|BAD_FORMAT|below '/'",
                "{name: a, path: //, pvc: p}|BAD_FORMAT|below '/'",
                "{name: a, path: /a/../b, pvc: p}|BAD_FORMAT|without '..'",
                "{name: a, path: /.., pvc: p}|BAD_FORMAT|without '..'",
                "{name: a, path: '/a:b', pvc: p}|BAD_FORMAT|absolute path",
                "{name: a, path: '/a b', pvc: p}|BAD_FORMAT|absolute path",
                "{name: a, path: /a, pvc: My_Claim}|BAD_FORMAT|a DNS name",
                "{name: a, path: /a, pvc: {claimName: p}}|WRONG_TYPE|must be text",
                "{name: a, path: /a, artifacts: Digits}|BAD_FORMAT|write digits",
                "{name: a, path: /a, artifacts: j, readOnly: false}|CONFLICT|never changed by another job",
                "{name: a, path: /a, pvc: p, readOnly: 'true'}|WRONG_TYPE|without quotes",
                "{name: a, path: /a, pvc: p, readOnly: yes}|WRONG_TYPE|true or false",
                "{name: a, mountPath: /a, pvc: p, path: /a}|UNKNOWN_FIELD|it has name, path",
                "{name: a, path: /a, pvc: p}, {name: a, path: /b, pvc: p}|DUPLICATE_VALUE|mounts[1].name is 'a', which line 1 has",
                "{name: a, path: /a/b, pvc: p}, {name: b, path: /a//b/, pvc: p}|DUPLICATE_VALUE|mounts[1].path is '/a/b'",
                "a|WRONG_TYPE|a mount with the keys name, path",
            })
    void refuses(String mounts, FaultCode code, String words) {
        assertThatJobWith("mounts: [" + mounts + "]")
                .hasOneFault()
                .withCode(code)
                .saying(words);
    }

    @Test
    void takesAWriteableClaimAndAnAddress() {
        assertThatJobWith("""
                mounts:
                - {name: a, path: /a, pvc: claim.with.dots}
                - {name: b, path: /a/b, nfs: {server: "fd00::7", path: /}}
                - {name: c, path: /...c, artifacts: digits-train, readOnly: true}
                """).isAccepted();
    }
}
