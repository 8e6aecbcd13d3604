package io.shusuan.api.queue;

import io.shusuan.api.problem.Excerpt;
import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import io.shusuan.api.problem.SettingFault;
import io.shusuan.db.queue.Delegate;
import io.shusuan.db.queue.PriorityClass;
import io.shusuan.db.queue.PriorityClassName;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.quota.CohortName;
import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.Quota;
import io.shusuan.scheduler.queue.quota.Reclaim;
import io.shusuan.scheduler.sharing.Budget;
import io.shusuan.scheduler.sharing.IdlePolicy;
import io.shusuan.scheduler.sharing.PriorityLimits;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.json.JsonMapper;

/** Reads what administrators send, and collects everything that is wrong in it, so that it is told at once. */
final class SettingsReader {

    /** Some thousand times what the largest clusters have. */
    private static final BigDecimal MOST = BigDecimal.valueOf(1_000_000_000);

    private static final Duration MOST_READY = Duration.ofDays(1);

    private static final double MOST_WEIGHT = 1_000_000;

    /** A setting that is misspelt must not count as one that was left out. */
    private static final JsonMapper STRICT = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final List<SettingFault> faults = new ArrayList<>();

    /** The body as its type has it. */
    static <T> T read(JsonNode body, Class<T> type) {
        try {
            return STRICT.treeToValue(body, type);
        } catch (UnrecognizedPropertyException unknown) {
            throw new ProblemException(
                    ProblemKind.BAD_REQUEST,
                    "there is no setting %s; at its place there are %s"
                            .formatted(
                                    place(unknown),
                                    unknown.getKnownPropertyIds().stream()
                                            .map(Object::toString)
                                            .sorted()
                                            .collect(Collectors.joining(", "))));
        } catch (JacksonException wrong) {
            throw new ProblemException(
                    ProblemKind.BAD_REQUEST,
                    "the JSON body cannot be read: look at '%s'".formatted(place(wrong)),
                    List.of(new SettingFault(place(wrong), "cannot be " + shown(wrong))));
        }
    }

    private static String shown(JacksonException wrong) {
        return wrong instanceof InvalidFormatException format
                ? "'%s'".formatted(Excerpt.of(String.valueOf(format.getValue())))
                : "what was sent";
    }

    private static String place(JacksonException wrong) {
        return wrong.getPath().stream()
                .map(step -> step.getPropertyName() == null ? "[" + step.getIndex() + "]" : step.getPropertyName())
                .collect(Collectors.joining("."))
                .replace(".[", "[");
    }

    List<Quota> quotas(@Nullable List<QuotaView> said) {
        var quotas = new ArrayList<Quota>();
        var flavours = new HashSet<FlavourName>();
        for (var i = 0; said != null && i < said.size(); i++) {
            var field = "quotas[%d]".formatted(i);
            var quota = said.get(i);
            var flavour = quota.flavour() == null ? null : flavour(field + ".flavour", quota.flavour());
            if (quota.flavour() == null) {
                wrong(field + ".flavour", "is missing");
            } else if (flavour != null && !flavours.add(flavour)) {
                wrong(field + ".flavour", "is '%s' once more: one quota for each flavour".formatted(flavour));
            }
            if (quota.nominal() == null) {
                wrong(field + ".nominal", "is missing: say what it owns, {} for no limit");
            }
            var nominal = limits(field + ".nominal", quota.nominal());
            var borrowing = limits(field + ".borrowing", quota.borrowing());
            var lending = limits(field + ".lending", quota.lending());
            if (flavour != null) {
                quotas.add(new Quota(flavour, nominal, borrowing, lending));
            }
        }
        return quotas;
    }

    Limits limits(String field, @Nullable Amounts said) {
        return said == null
                ? Limits.ANY
                : new Limits(
                        amount(field + ".cpus", said.cpus(), 3),
                        amount(field + ".memoryMB", said.memoryMB(), 0),
                        amount(field + ".gpus", said.gpus(), 0));
    }

    Budget budget(String field, QueueViews.@Nullable BudgetView said) {
        return said == null
                ? Budget.ANY
                : new Budget(
                        hours(field + ".gpuHours", said.gpuHours()),
                        hours(field + ".userGpuHours", said.userGpuHours()));
    }

    IdlePolicy idle(String field, QueueViews.@Nullable IdleView said) {
        if (said == null) {
            return IdlePolicy.NONE;
        }
        var after =
                seconds(field + ".afterSeconds", said.afterSeconds(), IdlePolicy.MOST_AFTER, IdlePolicy.USUAL_AFTER);
        if (after.compareTo(IdlePolicy.LEAST_AFTER) < 0) {
            wrong(
                    field + ".afterSeconds",
                    "must be %d or more: loading data takes some time".formatted(IdlePolicy.LEAST_AFTER.toSeconds()));
        }
        return new IdlePolicy(
                idleAction(field + ".action", said.action()),
                after,
                seconds(field + ".graceSeconds", said.graceSeconds(), IdlePolicy.MOST_GRACE, IdlePolicy.USUAL_GRACE));
    }

    private IdlePolicy.Action idleAction(String field, @Nullable String said) {
        var found = Arrays.stream(IdlePolicy.Action.values())
                .filter(each -> each.name().equals(said))
                .findFirst();
        if (found.isEmpty()) {
            wrong(
                    field,
                    said == null
                            ? "is missing: NONE, WARN, NOTIFY or STOP"
                            : "must be one of NONE, WARN, NOTIFY and STOP, not '%s'".formatted(Excerpt.of(said)));
        }
        return found.orElse(IdlePolicy.Action.NONE);
    }

    PriorityLimits priorities(String field, QueueViews.@Nullable PrioritiesView said) {
        if (said == null) {
            return PriorityLimits.ANY;
        }
        var classes = new LinkedHashSet<PriorityClassName>();
        var named = said.classes();
        if (named != null && named.isEmpty()) {
            wrong(field + ".classes", "is empty: name a class, or leave it out for any");
        }
        for (var i = 0; named != null && i < named.size(); i++) {
            var name = Objects.requireNonNullElse(named.get(i), "");
            if (isName("%s.classes[%d]".formatted(field, i), name)) {
                classes.add(new PriorityClassName(name));
            }
        }
        return new PriorityLimits(
                List.copyOf(classes), said.highest() == null ? null : priority(field + ".highest", said.highest()));
    }

    /** Nobody for a queue whose jobs the platform admits. */
    @Nullable
    Delegate delegate(String field, @Nullable DelegateView said) {
        if (said == null) {
            return null;
        }
        if (Stream.of(said.kueue(), said.volcano(), said.kai())
                        .filter(Objects::nonNull)
                        .count()
                != 1) {
            wrong(
                    field,
                    "must name one of kueue, volcano and kai, or be left out where the platform itself admits the jobs");
            return null;
        }
        if (said.kueue() != null) {
            return delegate(
                    field + ".kueue.localQueue",
                    Delegate.Scheduler.KUEUE,
                    said.kueue().localQueue());
        }
        if (said.volcano() != null) {
            return delegate(
                    field + ".volcano.queue",
                    Delegate.Scheduler.VOLCANO,
                    said.volcano().queue());
        }
        return delegate(
                field + ".kai.queue",
                Delegate.Scheduler.KAI,
                Objects.requireNonNull(said.kai()).queue());
    }

    private @Nullable Delegate delegate(String field, Delegate.Scheduler scheduler, @Nullable String queue) {
        if (queue == null || !Delegate.isValid(queue)) {
            wrong(
                    field,
                    "must be the name of a %s of %s, %s, not '%s'"
                            .formatted(
                                    scheduler.queueKind(),
                                    scheduler,
                                    Delegate.RULE,
                                    Excerpt.of(queue == null ? "" : queue)));
            return null;
        }
        return new Delegate(scheduler, queue);
    }

    private @Nullable BigDecimal hours(String field, @Nullable BigDecimal said) {
        if (said != null
                && (said.signum() < 0
                        || said.compareTo(MOST) > 0
                        || said.stripTrailingZeros().scale() > 2)) {
            wrong(
                    field,
                    "must be a number of at most two decimals from 0 to %s, or be left out for no limit, not %s"
                            .formatted(MOST, shown(said)));
            return null;
        }
        return said;
    }

    private long amount(String field, @Nullable BigDecimal said, int decimals) {
        if (said == null) {
            return Limits.UNLIMITED;
        }
        if (said.signum() < 0
                || said.compareTo(MOST) > 0
                || said.stripTrailingZeros().scale() > decimals) {
            var rule = decimals == 0 ? "a whole number" : "a number with at most %d decimals".formatted(decimals);
            wrong(
                    field,
                    "must be %s from 0 to %s, or be left out for no limit, not %s".formatted(rule, MOST, shown(said)));
            return 0;
        }
        return said.movePointRight(decimals).longValueExact();
    }

    private static String shown(BigDecimal number) {
        var text = number.precision() > 30 || Math.abs((long) number.scale()) > 30
                ? number.toString()
                : number.toPlainString();
        return text.length() > 40 ? text.substring(0, 40) + "…" : text;
    }

    double weight(@Nullable Double said) {
        if (said == null) {
            return 1;
        }
        if (!(said > 0 && said <= MOST_WEIGHT)) {
            wrong("weight", "must be more than 0 and at most %.0f, not %s".formatted(MOST_WEIGHT, said));
            return 1;
        }
        return said;
    }

    @Nullable
    Integer priority(String field, @Nullable BigDecimal said) {
        var most = PriorityClass.MOST;
        if (said == null) {
            wrong(field, "is missing: say what it is worth, a whole number from -%d to %d".formatted(most, most));
            return null;
        }
        if (said.abs().compareTo(BigDecimal.valueOf(most)) > 0
                || said.stripTrailingZeros().scale() > 0) {
            wrong(field, "must be a whole number from -%d to %d, not %s".formatted(most, most, shown(said)));
            return null;
        }
        return said.intValueExact();
    }

    Duration seconds(String field, @Nullable BigDecimal said, Duration most, Duration usual) {
        if (said == null) {
            return usual;
        }
        if (said.signum() < 0
                || said.compareTo(BigDecimal.valueOf(most.toSeconds())) > 0
                || said.stripTrailingZeros().scale() > 0) {
            wrong(field, "must be a whole number from 0 to %d, not %s".formatted(most.toSeconds(), shown(said)));
            return usual;
        }
        return Duration.ofSeconds(said.longValueExact());
    }

    /** Nothing for any time. */
    @Nullable
    Duration readyWithin(@Nullable BigDecimal said) {
        if (said == null) {
            return null;
        }
        var time = seconds("readyWithinSeconds", said, MOST_READY, MOST_READY);
        if (time.isZero()) {
            wrong("readyWithinSeconds", "must be more than 0, or be left out for no limit");
        }
        return time;
    }

    Reclaim reclaim(@Nullable String said) {
        if (said == null) {
            return Reclaim.NONE;
        }
        var found = Arrays.stream(Reclaim.values())
                .filter(each -> each.name().equals(said))
                .findFirst();
        if (found.isEmpty()) {
            wrong("reclaim", "must be one of NONE, LOWER_PRIORITY and ANY, not '%s'".formatted(Excerpt.of(said)));
        }
        return found.orElse(Reclaim.NONE);
    }

    @Nullable
    CohortName cohort(String field, @Nullable String said) {
        return said == null || !isName(field, said) ? null : new CohortName(said);
    }

    @Nullable
    FlavourName flavour(String field, String said) {
        return isName(field, said) ? new FlavourName(said) : null;
    }

    boolean isName(String field, String said) {
        if (!QueueName.isValid(said)) {
            wrong(field, "must be %s, not '%s'".formatted(QueueName.RULE, Excerpt.of(said)));
            return false;
        }
        return true;
    }

    void wrong(String field, String message) {
        faults.add(new SettingFault(field, message));
    }

    /** @throws ProblemException if anything was wrong */
    void finish() {
        if (!faults.isEmpty()) {
            var first = faults.getFirst();
            throw new ProblemException(
                    ProblemKind.INVALID_SETTINGS,
                    "%d fault(s); the first: %s %s".formatted(faults.size(), first.field(), first.message()),
                    faults);
        }
    }
}
