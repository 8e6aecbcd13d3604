package io.shusuan.api.job;

import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Describes the body of requests that {@link SpecBody} reads. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@RequestBody(
        required = true,
        content = {
            @Content(
                    mediaType = "application/yaml",
                    schema = @Schema(type = "string"),
                    examples = @ExampleObject(name = "inference", value = JobExamples.INFERENCE)),
            @Content(
                    mediaType = "text/yaml",
                    schema = @Schema(type = "string"),
                    examples = @ExampleObject(name = "inference", value = JobExamples.INFERENCE)),
            @Content(
                    mediaType = "application/json",
                    schema = @Schema(type = "object"),
                    examples = @ExampleObject(name = "training", value = JobExamples.TRAINING))
        })
@interface TakesJobText {}
