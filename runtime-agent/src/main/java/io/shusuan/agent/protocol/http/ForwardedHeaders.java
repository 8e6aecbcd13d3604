package io.shusuan.agent.protocol.http;

import io.netty.handler.codec.http.HttpHeaders;
import io.shusuan.agent.protocol.GivenParameters;
import java.util.Optional;
import java.util.regex.Pattern;

/** Gives the model those headers of a call whose names match a pattern. */
public record ForwardedHeaders(Optional<Pattern> pattern) {
    void add(HttpHeaders headers, GivenParameters parameters) {
        pattern.ifPresent(wanted -> headers.iteratorAsString().forEachRemaining(header -> {
            if (wanted.matcher(header.getKey()).find()) {
                parameters.forward(header.getKey(), header.getValue());
            }
        }));
    }
}
