package io.shusuan.api.security;

import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import io.shusuan.db.identity.Role;
import io.shusuan.db.identity.User;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.security.Principal;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Accounts over REST, for administrators. */
@RestController
@RequestMapping("/api/v1/users")
@Tag(name = "Users", description = "Who may use the platform")
class UserController {

    private final UserAccounts accounts;

    UserController(UserAccounts accounts) {
        this.accounts = accounts;
    }

    @Schema(name = "NewUser")
    record Wish(
            @Nullable String name,
            @Nullable String password,
            @Nullable Role role) {}

    @Schema(name = "User")
    record View(String name, Role role, boolean enabled, Instant createdAt) {
        static View of(User user) {
            return new View(user.name(), user.role(), user.enabled(), user.createdAt());
        }
    }

    @GetMapping
    @Operation(summary = "All users")
    List<View> list(Principal principal) {
        Caller.of(principal).requireAdmin("the list of users");
        return accounts.all().stream().map(View::of).toList();
    }

    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Make a user")
    View create(@RequestBody Wish wish, Principal principal) {
        Caller.of(principal).requireAdmin("making a user");
        var name = Objects.requireNonNullElse(wish.name(), "");
        var password = Objects.requireNonNullElse(wish.password(), "");
        accounts.fault(name, password).ifPresent(fault -> {
            throw new ProblemException(ProblemKind.BAD_REQUEST, fault);
        });
        return View.of(accounts.create(name, password, Objects.requireNonNullElse(wish.role(), Role.USER)));
    }

    @PatchMapping("/{name}")
    @Operation(
            summary = "Change a user",
            description =
                    "Role, access, password: what is missing stays. Nobody changes their own role or access, so that"
                            + " an administrator is always left.")
    View change(@PathVariable String name, @RequestBody UserAccounts.Change change, Principal principal) {
        var caller = Caller.of(principal);
        caller.requireAdmin("changing a user");
        if (caller.name().equals(name) && (change.role() != null || change.enabled() != null)) {
            throw new ProblemException(
                    ProblemKind.BAD_REQUEST, "nobody changes their own role or access: ask another administrator");
        }
        if (change.password() != null) {
            accounts.passwordFault(change.password()).ifPresent(fault -> {
                throw new ProblemException(ProblemKind.BAD_REQUEST, fault);
            });
        }
        return accounts.change(name, change)
                .map(View::of)
                .orElseThrow(() -> new ProblemException(
                        ProblemKind.NOT_FOUND, "there is no user '%s'; GET /api/v1/users lists them".formatted(name)));
    }
}
