package io.shusuan.api;

import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import io.swagger.v3.oas.models.media.ArraySchema;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

/** Describes the API for programs and their authors: what the controllers say of themselves, and how all of it refuses. */
@Configuration(proxyBeanMethods = false)
class ApiDocument {

    private static final String PROBLEM_JSON = "application/problem+json";

    /** The refusals of a submission, which are more than "wrong". */
    private static final Map<String, String> SUBMISSION = Map.of(
            "400", "The text is no YAML or JSON: errors[] says where",
            "409", "An active job has this name",
            "413", "The text is larger than 1 MiB",
            "415", "The body is neither YAML nor JSON",
            "422",
                    "The text was read, and errors[] lists all that is wrong in it; or the Idempotency-Key was used for another body");

    private static final String FAULTY = """
            {"type": "/problems/invalid-spec", "title": "The text was read, and something in it is wrong", "status": 422,
             "detail": "1 fault(s); the first, in line 2, column 1: there is no key 'qeue' here",
             "code": "invalid-spec", "requestId": "2913e9a54c5166e1",
             "errors": [{"code": "UNKNOWN_FIELD", "message": "there is no key 'qeue' here", "line": 2, "column": 1,
               "path": "qeue", "found": "qeue", "suggestion": "queue"}]}""";

    @Bean
    OpenAPI openApi() {
        return new OpenAPI()
                .info(new Info()
                        .title("Shusuan 数算岛")
                        .version("v1")
                        .description("Jobs, queues, agents and services of the platform. Errors are RFC 9457 problems.")
                        .license(new License().name("Apache-2.0")))
                .components(new Components()
                        .addSecuritySchemes(
                                "token",
                                new SecurityScheme()
                                        .type(SecurityScheme.Type.HTTP)
                                        .scheme("bearer")
                                        .description("./shusuan token prints one")))
                .addSecurityItem(new SecurityRequirement().addList("token"));
    }

    @Bean
    OpenApiCustomizer refusals(JsonMapper json) {
        return document -> {
            document.getComponents().addSchemas("Fault", fault()).addSchemas("Problem", problem());
            document.getPaths().values().forEach(path -> path.readOperations().forEach(ApiDocument::refuses));
            var submit = Objects.requireNonNull(document.getPaths().get("/api/v1/jobs"))
                    .getPost()
                    .getResponses();
            SUBMISSION.forEach((status, meaning) -> submit.addApiResponse(
                    status, response(meaning, status.equals("422") ? json.readValue(FAULTY, Object.class) : null)));
        };
    }

    private static void refuses(Operation operation) {
        operation
                .getResponses()
                .addApiResponse("default", response("A problem: its code says which, its detail what to do", null));
    }

    private static ApiResponse response(String meaning, @Nullable Object example) {
        var body = new MediaType().schema(new Schema<>().$ref("#/components/schemas/Problem"));
        if (example != null) {
            body.example(example);
        }
        return new ApiResponse().description(meaning).content(new Content().addMediaType(PROBLEM_JSON, body));
    }

    private static Schema<?> problem() {
        return new ObjectSchema()
                .description("RFC 9457")
                .addProperty("type", new StringSchema())
                .addProperty("title", new StringSchema())
                .addProperty("status", new IntegerSchema())
                .addProperty("detail", new StringSchema())
                .addProperty("code", new StringSchema().description("The last part of type"))
                .addProperty("requestId", new StringSchema().description("Under this id the platform's log has more"))
                .addProperty("job", new StringSchema().description("With name-taken: the job that has the name"))
                .addProperty("errors", new ArraySchema().items(new Schema<>().$ref("#/components/schemas/Fault")));
    }

    private static Schema<?> fault() {
        return new ObjectSchema()
                .description("One thing wrong with the text of a job")
                .addProperty("code", new StringSchema())
                .addProperty("message", new StringSchema())
                .addProperty("line", new IntegerSchema())
                .addProperty("column", new IntegerSchema())
                .addProperty("path", new StringSchema())
                .addProperty("found", new StringSchema())
                .addProperty("allowed", new StringSchema())
                .addProperty("suggestion", new StringSchema());
    }
}
