package io.shusuan.agent.protocol.access;

import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Whether a call may go on: its token first, except for questions about health, and then what its group is restricted to.
 *
 * @param what the word for a group of calls in refusals
 */
public record Access(Tokens tokens, Map<Api, Restriction> restrictions, String what) {
    public Access {
        restrictions = Map.copyOf(restrictions);
    }

    /** @param header finds a header of the call by its name; null when it is not there */
    public void check(Api api, Function<String, @Nullable String> header) {
        if (api != Api.HEALTH) {
            tokens.check(header.apply("authorization"));
        }
        missing(api, header).ifPresent(name -> {
            throw new ServingException(
                    Reason.RESTRICTED, "This " + what + " is restricted, expecting header '" + name + "'");
        });
    }

    private Optional<String> missing(Api api, Function<String, @Nullable String> header) {
        var restriction = restrictions.get(api);
        return restriction == null || restriction.isMetBy(header.apply(restriction.header()))
                ? Optional.empty()
                : Optional.of(restriction.header());
    }
}
