package io.shusuan.web.queue;

import io.shusuan.db.queue.PriorityClass;
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

/**
 * The settings of a queue as a form: what it shows at first, and what of it is the API's.
 *
 * @param classes those that there are
 */
record QueueForm(QueueSettings queue, QuotaRows quotas, List<String> cohorts, List<PriorityClass> classes) {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String CLASS = "priorities.class.";

    static QueueForm of(QueueSettings queue, Sharing sharing, List<PriorityClass> classes) {
        return new QueueForm(
                queue,
                QuotaRows.of(queue.quotas(), sharing),
                sharing.cohorts().stream().map(cohort -> cohort.name().value()).toList(),
                classes);
    }

    public boolean takes(PriorityClass priority) {
        return queue.priorities().classes().contains(priority.name());
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
        body.set("perUser", QuotaRows.limits(sent, "perUser"));
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
        var priorities = body.putObject("priorities");
        SentFields.number(sent, "priorities.highest", priorities, "highest");
        var classes = sent.keySet().stream()
                .filter(field -> field.startsWith(CLASS))
                .map(field -> field.substring(CLASS.length()))
                .sorted()
                .toList();
        if (!classes.isEmpty()) {
            classes.forEach(priorities.putArray("classes")::add);
        }
        body.set("quotas", QuotaRows.json(sent));
        return body;
    }
}
