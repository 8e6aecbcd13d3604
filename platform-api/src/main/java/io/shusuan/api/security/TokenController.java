package io.shusuan.api.security;

import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import io.shusuan.db.identity.ApiToken;
import io.shusuan.scheduler.job.JobNotFoundException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** A user's own bearer tokens. */
@RestController
@RequestMapping("/api/v1/tokens")
@Tag(name = "Tokens", description = "Bearer tokens for programs")
class TokenController {

    private static final int MAX_LABEL = 100;
    private static final int MAX_DAYS = 3650;

    private final Tokens tokens;

    TokenController(Tokens tokens) {
        this.tokens = tokens;
    }

    @Schema(name = "NewToken")
    record Wish(@Nullable String label, @Nullable Integer expiresInDays) {}

    @Schema(name = "IssuedToken")
    record Made(UUID id, String token) {}

    @Schema(name = "Token")
    record View(
            UUID id,
            String label,
            Instant createdAt,
            @Nullable Instant expiresAt) {
        static View of(ApiToken token) {
            return new View(token.id(), token.label(), token.createdAt(), token.expiresAt());
        }
    }

    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Make a token", description = "The answer is the only place where its text is shown.")
    Made make(@RequestBody Wish wish, Principal principal) {
        var label = wish.label() == null ? "token" : wish.label();
        if (label.isBlank() || label.length() > MAX_LABEL || label.chars().anyMatch(Character::isISOControl)) {
            throw new ProblemException(
                    ProblemKind.BAD_REQUEST, "label must have 1 to %d visible characters".formatted(MAX_LABEL));
        }
        var days = wish.expiresInDays();
        if (days != null && (days < 1 || days > MAX_DAYS)) {
            throw new ProblemException(
                    ProblemKind.BAD_REQUEST,
                    "expiresInDays is %d; give 1 to %d, or leave it out".formatted(days, MAX_DAYS));
        }
        var issued = tokens.issue(principal.getName(), label, days == null ? null : Duration.ofDays(days));
        return new Made(issued.id(), issued.token());
    }

    @GetMapping
    @Operation(summary = "The caller's tokens")
    List<View> list(Principal principal) {
        return tokens.of(principal.getName()).stream().map(View::of).toList();
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Revoke a token")
    void revoke(@PathVariable UUID id, Principal principal) {
        if (!tokens.revoke(principal.getName(), id)) {
            throw new JobNotFoundException("you have no token %s".formatted(id));
        }
    }
}
