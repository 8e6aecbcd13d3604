package io.shusuan.api;

import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.media.Content;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Puts an example beside each body that goes in or comes out of an operation: {@code examples.json} has them by operation. */
@Configuration(proxyBeanMethods = false)
class ApiExamples {

    /** What goes in and what comes out; null for what has no body, or says by itself what it is like. */
    private record Example(
            @Nullable Object request, @Nullable Object answer) {
        static final Example NONE = new Example(null, null);
    }

    @Bean
    OpenApiCustomizer examples(JsonMapper json) {
        var examples = read(json);
        return document -> document.getPaths()
                .forEach((address, path) -> path.readOperationsMap()
                        .forEach((method, operation) -> show(
                                examples.getOrDefault(
                                        method.name().toLowerCase(Locale.ROOT) + " " + address, Example.NONE),
                                operation)));
    }

    private static Map<String, Example> read(JsonMapper json) {
        try (var file = Objects.requireNonNull(ApiExamples.class.getResourceAsStream("examples.json"))) {
            return json.readValue(file, new TypeReference<>() {});
        } catch (IOException notPackaged) {
            throw new UncheckedIOException(notPackaged);
        }
    }

    private static void show(Example example, Operation operation) {
        if (example.request() != null && operation.getRequestBody() != null) {
            show(example.request(), operation.getRequestBody().getContent());
        }
        if (example.answer() != null) {
            operation.getResponses().forEach((status, response) -> {
                if (status.startsWith("2")) {
                    show(example.answer(), response.getContent());
                }
            });
        }
    }

    private static void show(Object example, @Nullable Content content) {
        if (content != null) {
            content.values().stream()
                    .filter(body -> body.getExamples() == null)
                    .forEach(body -> body.setExample(example));
        }
    }
}
