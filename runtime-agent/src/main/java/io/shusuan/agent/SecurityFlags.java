package io.shusuan.agent;

import io.shusuan.agent.protocol.access.Access;
import io.shusuan.agent.protocol.access.Api;
import io.shusuan.agent.protocol.access.Keys;
import io.shusuan.agent.protocol.access.Restriction;
import io.shusuan.agent.protocol.access.Tokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the flags about tokens, restricted calls and TLS. */
final class SecurityFlags {
    private static final String GRPC_HEADER_PREFIX = "triton-grpc-protocol-";

    private final CommandLine line;

    SecurityFlags(CommandLine line) {
        this.line = line;
    }

    Security read() throws UsageException {
        var tokens = new Tokens(tokens());
        return new Security(
                new Access(tokens, restrictions("--http-restricted-api", ""), "API"),
                new Access(tokens, restrictions("--grpc-restricted-protocol", GRPC_HEADER_PREFIX), "protocol"),
                keys("--http-"),
                keys("--grpc-"));
    }

    /** One token a line, so that an old and a new one can be good at the same time. */
    private List<String> tokens() throws UsageException {
        var file = line.text("--auth-token-file");
        if (file.isEmpty()) {
            return line.env("SHUSUAN_AGENT_AUTH_TOKEN").stream().toList();
        }
        try {
            var tokens = Files.readAllLines(Path.of(file.get())).stream()
                    .map(String::strip)
                    .filter(token -> !token.isEmpty())
                    .toList();
            if (tokens.isEmpty()) {
                throw new UsageException("--auth-token-file " + file.get() + " holds no token");
            }
            return tokens;
        } catch (IOException unreadable) {
            throw new UsageException("--auth-token-file " + file.get() + " cannot be read: " + unreadable);
        }
    }

    /** {@code API1,API2:header=value} */
    private Map<Api, Restriction> restrictions(String flag, String prefix) throws UsageException {
        var all = new EnumMap<Api, Restriction>(Api.class);
        for (var text : line.all(flag)) {
            int colon = text.indexOf(':');
            int equals = text.indexOf('=', colon + 1);
            if (colon < 1 || equals < colon + 2) {
                throw new UsageException(flag + " is API,API:HEADER=VALUE, not '" + text + "'");
            }
            var restriction = new Restriction(prefix + text.substring(colon + 1, equals), text.substring(equals + 1));
            for (var name : text.substring(0, colon).split(",", -1)) {
                var api = Api.named(name)
                        .orElseThrow(() -> new UsageException(
                                flag + " knows no '" + name + "'; there are " + Arrays.toString(Api.values())));
                if (all.put(api, restriction) != null) {
                    throw new UsageException(flag + " names '" + name + "' twice");
                }
            }
        }
        return all;
    }

    private Optional<Keys> keys(String prefix) throws UsageException {
        boolean mutual = line.bool(prefix + "use-ssl-mutual", false);
        if (!mutual && !line.bool(prefix + "use-ssl", false)) {
            return Optional.empty();
        }
        var clients = file(prefix + "root-cert");
        if (mutual && clients.isEmpty()) {
            throw new UsageException(prefix + "use-ssl-mutual needs " + prefix + "root-cert FILE");
        }
        var keys = new Keys(
                file(prefix + "server-cert").orElseThrow(() -> missing(prefix + "server-cert")),
                file(prefix + "server-key").orElseThrow(() -> missing(prefix + "server-key")),
                mutual ? clients : Optional.empty());
        return Optional.of(keys);
    }

    private static UsageException missing(String flag) {
        return new UsageException("TLS needs " + flag + " FILE");
    }

    private Optional<Path> file(String flag) throws UsageException {
        var text = line.text(flag);
        if (text.isPresent() && !Files.isReadable(Path.of(text.get()))) {
            throw new UsageException(flag + " " + text.get() + " cannot be read");
        }
        return text.map(Path::of);
    }
}
