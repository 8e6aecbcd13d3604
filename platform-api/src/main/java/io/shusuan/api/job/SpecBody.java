package io.shusuan.api.job;

import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import io.shusuan.scheduler.spec.SpecReader;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;

/** The text of a job as a request brings it: its bytes, unchanged, and what they are said to be. */
record SpecBody(byte[] text, String mediaType) {

    private static final List<MediaType> UNDERSTOOD = List.of(
            MediaType.parseMediaType("application/yaml"),
            MediaType.parseMediaType("text/yaml"),
            MediaType.parseMediaType("application/x-yaml"),
            MediaType.parseMediaType("text/x-yaml"),
            MediaType.APPLICATION_JSON);

    /** Reads at most one byte more than is allowed, whatever length the request claims. */
    static SpecBody of(HttpServletRequest request) throws IOException {
        var type = mediaType(request.getContentType());
        if (request.getContentLengthLong() > SpecReader.MAX_BYTES) {
            throw tooLarge();
        }
        var text = request.getInputStream().readNBytes(SpecReader.MAX_BYTES + 1);
        if (text.length > SpecReader.MAX_BYTES) {
            throw tooLarge();
        }
        if (type.equals(MediaType.APPLICATION_JSON_VALUE)) {
            JsonText.require(text);
        }
        return new SpecBody(text, type);
    }

    private static ProblemException tooLarge() {
        return new ProblemException(
                ProblemKind.TOO_LARGE,
                "a job's text may have at most %d bytes (1 MiB); put data into a mount or an image"
                        .formatted(SpecReader.MAX_BYTES));
    }

    private static String mediaType(@org.jspecify.annotations.Nullable String contentType) {
        try {
            if (contentType != null) {
                var type = MediaType.parseMediaType(contentType);
                if (UNDERSTOOD.stream().anyMatch(known -> known.equalsTypeAndSubtype(type))) {
                    return type.getType() + "/" + type.getSubtype();
                }
            }
        } catch (InvalidMediaTypeException garbage) {
            // Answered below like any other type that is not understood.
        }
        throw new ProblemException(
                ProblemKind.UNSUPPORTED_MEDIA_TYPE,
                "Content-Type is %s; send application/yaml, text/yaml or application/json"
                        .formatted(contentType == null ? "missing" : "'" + contentType + "'"));
    }
}
