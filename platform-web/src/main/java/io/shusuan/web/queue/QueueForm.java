package io.shusuan.web.queue;

import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.Quota;
import io.shusuan.scheduler.queue.quota.Resource;
import io.shusuan.scheduler.sharing.Flavour;
import io.shusuan.scheduler.sharing.QueueSettings;
import io.shusuan.scheduler.sharing.Sharing;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The settings of a queue as a form: what it shows at first, and what of it is the API's.
 *
 * @param lines one for each flavour, those with a quota first and in its order
 */
record QueueForm(QueueSettings queue, List<Line> lines, List<String> cohorts) {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    static QueueForm of(QueueSettings queue, Sharing sharing) {
        var owned = queue.quotas().stream().map(quota -> new Line(quota.flavour(), true, quota));
        var others = sharing.flavours().stream()
                .map(Flavour::name)
                .filter(flavour -> queue.quotas().stream()
                        .noneMatch(quota -> quota.flavour().equals(flavour)))
                .map(flavour -> new Line(flavour, false, new Quota(flavour, Limits.ANY, Limits.ANY, Limits.ANY)));
        return new QueueForm(
                queue,
                Stream.concat(owned, others).toList(),
                sharing.cohorts().stream().map(cohort -> cohort.name().value()).toList());
    }

    /** What a queue may have of a flavour. */
    record Line(FlavourName flavour, boolean used, Quota quota) {

        /** The limits of a kind, such as {@code nominal}. */
        public Limits of(String kind) {
            return switch (kind) {
                case "borrowing" -> quota.borrowing();
                case "lending" -> quota.lending();
                default -> quota.nominal();
            };
        }
    }

    /** A limit as a field shows it: empty for none. */
    public static String text(Limits limits, String resource) {
        return switch (resource) {
            case "cpus" -> text(Resource.CPU, limits);
            case "memoryMB" -> text(Resource.MEMORY, limits);
            default -> text(Resource.GPU, limits);
        };
    }

    private static String text(Resource resource, Limits limits) {
        var amount = resource.of(limits);
        return amount == Limits.UNLIMITED ? "" : resource.text(amount);
    }

    /** A budget as a field shows it: empty for none. */
    public static String text(@Nullable BigDecimal hours) {
        return hours == null ? "" : hours.stripTrailingZeros().toPlainString();
    }

    /** What was sent, as the API takes it: fields are called as the API's, below a flavour's name with that in front. */
    static JsonNode json(Map<String, String> sent) {
        var body = JSON.objectNode();
        SentFields.text(sent, "cohort").ifPresent(cohort -> body.put("cohort", cohort));
        SentFields.text(sent, "reclaim").ifPresent(reclaim -> body.put("reclaim", reclaim));
        body.put("preemptsLowerPriority", sent.containsKey("preemptsLowerPriority"));
        body.put("preemptsForFairShare", sent.containsKey("preemptsForFairShare"));
        Stream.of("weight", "minimumRunSeconds", "graceSeconds", "readyWithinSeconds")
                .forEach(field -> SentFields.number(sent, field, body, field));
        body.set("perUser", limits(sent, "perUser"));
        var budget = body.putObject("budget");
        Stream.of("gpuHours", "userGpuHours")
                .forEach(hours -> SentFields.number(sent, "budget." + hours, budget, hours));
        var idle = body.putObject("idle");
        SentFields.text(sent, "idle.action").ifPresent(action -> idle.put("action", action));
        Stream.of("afterSeconds", "graceSeconds")
                .forEach(field -> SentFields.number(sent, "idle." + field, idle, field));
        SentFields.text(sent, "delegate.scheduler")
                .ifPresent(scheduler -> body.putObject("delegate")
                        .putObject(scheduler.toLowerCase(Locale.ROOT))
                        .put(
                                "KUEUE".equals(scheduler) ? "localQueue" : "queue",
                                SentFields.text(sent, "delegate.queue").orElse("")));
        var quotas = body.putArray("quotas");
        sent.keySet().stream()
                .filter(field -> field.startsWith("use."))
                .map(field -> field.substring("use.".length()))
                .forEach(flavour -> {
                    var quota = quotas.addObject().put("flavour", flavour);
                    Stream.of("nominal", "borrowing", "lending")
                            .forEach(kind -> quota.set(kind, limits(sent, flavour + "." + kind)));
                });
        return body;
    }

    private static ObjectNode limits(Map<String, String> sent, String prefix) {
        var limits = JSON.objectNode();
        Stream.of("gpus", "cpus", "memoryMB")
                .forEach(resource -> SentFields.number(sent, prefix + "." + resource, limits, resource));
        return limits;
    }
}
