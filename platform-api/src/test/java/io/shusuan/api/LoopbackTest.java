package io.shusuan.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.io.support.SpringFactoriesLoader;

class LoopbackTest {

    @Configuration(proxyBeanMethods = false)
    @Import(LoopbackGuard.class)
    static class Guarded {}

    private static void start(String... settings) {
        var application = new SpringApplication(Guarded.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        var arguments = new ArrayList<>(List.of("--spring.config.name=none", "--logging.level.root=off"));
        arguments.addAll(Arrays.asList(settings));
        application.run(arguments.toArray(String[]::new)).close();
    }

    /** On the local cluster, whatever KUBECONFIG there is. */
    private static Throwable failureOnThisMachine(String... settings) {
        try {
            start(Stream.concat(Stream.of("--shusuan.cluster=local"), Stream.of(settings))
                    .toArray(String[]::new));
        } catch (RuntimeException e) {
            return e;
        }
        throw new AssertionError("it started");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--server.address=0.0.0.0",
                "--server.address=",
                "--server.address=::",
                "--server.address=192.0.2.1",
                "--server.port=0"
            })
    void refusesToListenBeyondLoopback(String setting) {
        var failure = failureOnThisMachine(setting);

        assertThat(failure).isInstanceOf(BeyondLoopback.class);
        var analysis = Objects.requireNonNull(new BeyondLoopback.Analyzer().analyze(failure));
        assertThat(analysis.getAction())
                .contains("127.0.0.1", "shusuan.local.listen-beyond-loopback=" + LoopbackGuard.CONSENT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "localhost", "127.0.0.2"})
    void startsOnLoopback(String address) {
        start("--server.address=" + address);
    }

    @Test
    void startsAnywhereWithConsentOrOnKubernetes() {
        start("--server.address=0.0.0.0", "--shusuan.local.listen-beyond-loopback=" + LoopbackGuard.CONSENT);
        start("--server.address=0.0.0.0", "--shusuan.cluster=kubernetes");
    }

    @Test
    void wantsTheWholeSentence() {
        assertThat(failureOnThisMachine("--server.address=0.0.0.0", "--shusuan.local.listen-beyond-loopback=true"))
                .isInstanceOf(BeyondLoopback.class);
    }

    @Test
    void theMessageIsFoundByTheProgramThatStarts() {
        var analyzers = SpringFactoriesLoader.forDefaultResourceLocation()
                .load(FailureAnalyzer.class, SpringFactoriesLoader.FailureHandler.handleMessage((message, why) -> {}));

        assertThat(analyzers).hasAtLeastOneElementOfType(BeyondLoopback.Analyzer.class);
    }
}
