package io.shusuan.web.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.springframework.core.io.ClassPathResource;
import org.springframework.stereotype.Component;

/** Texts to begin with: the examples that come with the platform. */
@Component
class Samples {

    private final List<Sample> all =
            List.of(read("pytorch-inference"), read("digits-train"), read("digits-convert"), read("digits-serve"));

    record Sample(String name, String text) {}

    List<Sample> all() {
        return all;
    }

    Optional<Sample> find(String name) {
        return all.stream().filter(sample -> sample.name().equals(name)).findFirst();
    }

    private static Sample read(String name) {
        try {
            var text =
                    new ClassPathResource("samples/%s.yaml".formatted(name)).getContentAsString(StandardCharsets.UTF_8);
            return new Sample(name, text);
        } catch (IOException notPackaged) {
            throw new UncheckedIOException(notPackaged);
        }
    }
}
