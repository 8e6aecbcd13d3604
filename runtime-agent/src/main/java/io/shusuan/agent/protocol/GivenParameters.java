package io.shusuan.agent.protocol;

import io.shusuan.agent.inference.CorrelationId;
import io.shusuan.agent.inference.Parameter;
import io.shusuan.agent.inference.RequestParameters;
import io.shusuan.agent.inference.SequenceStep;
import io.shusuan.agent.inference.ServingException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Gathers the parameters of a request and gives those that mean something to the server their place. */
public final class GivenParameters {
    /** Asks for an answer without outputs that says a decoupled model has finished. */
    public static final String ENABLE_EMPTY_FINAL = "triton_enable_empty_final_response";

    private final Map<String, Parameter> others = new HashMap<>();
    private @Nullable CorrelationId sequence;
    private boolean start;
    private boolean end;
    private long priority;
    private long timeoutMicros;
    private boolean emptyFinalWanted;

    public void add(String name, Parameter value) {
        switch (name) {
            case "sequence_id" -> sequence = correlation(value);
            case "sequence_start" -> start = flag(name, value);
            case "sequence_end" -> end = flag(name, value);
            case "priority" -> priority = count(name, value);
            case "timeout" -> timeoutMicros = count(name, value);
            case ENABLE_EMPTY_FINAL -> emptyFinalWanted = flag(name, value);
            case "headers" -> throw reserved(name);
            default -> {
                if (name.startsWith("triton_")) {
                    throw reserved(name);
                }
                others.put(name, value);
            }
        }
    }

    /** A header of the call that the model may see. It never takes the place of a parameter. */
    public void forward(String header, String value) {
        others.putIfAbsent(header, new Parameter.Text(value));
    }

    public boolean emptyFinalWanted() {
        return emptyFinalWanted;
    }

    public RequestParameters read() {
        var id = sequence;
        if (id == null && others.isEmpty() && priority == 0 && timeoutMicros == 0) {
            return RequestParameters.NONE;
        }
        return new RequestParameters(
                id == null ? Optional.empty() : Optional.of(new SequenceStep(id, start, end)),
                priority,
                timeoutMicros,
                others);
    }

    private static ServingException reserved(String name) {
        return ServingException.invalid("the parameter '" + name
                + "' is reserved: 'headers' and keys starting with 'triton_' are the server's own");
    }

    /** Zero and the empty text mean that the request belongs to no sequence. */
    private static @Nullable CorrelationId correlation(Parameter value) {
        return switch (value) {
            case Parameter.Whole number when number.value() >= 0 -> numeric(number.value());
            case Parameter.Unsigned number -> numeric(number.value());
            case Parameter.Text text -> text.value().isEmpty() ? null : new CorrelationId.Text(text.value());
            case Parameter.Whole _, Parameter.Flag _, Parameter.Real _ ->
                throw wrong("sequence_id", "an unsigned integer or a string");
        };
    }

    private static CorrelationId.@Nullable Numeric numeric(long value) {
        return value == 0 ? null : new CorrelationId.Numeric(value);
    }

    private static boolean flag(String name, Parameter value) {
        if (value instanceof Parameter.Flag flag) {
            return flag.value();
        }
        throw wrong(name, "a boolean");
    }

    private static long count(String name, Parameter value) {
        if (value instanceof Parameter.Whole number && number.value() >= 0) {
            return number.value();
        }
        if (value instanceof Parameter.Unsigned number) {
            return number.value() < 0 ? Long.MAX_VALUE : number.value();
        }
        throw wrong(name, "an unsigned integer");
    }

    private static ServingException wrong(String name, String wanted) {
        return ServingException.invalid("invalid value type for '" + name + "' parameter, expected " + wanted);
    }
}
