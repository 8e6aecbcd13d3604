package io.shusuan.web.queue;

import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.Quota;
import io.shusuan.scheduler.queue.quota.Resource;
import io.shusuan.scheduler.sharing.Flavour;
import io.shusuan.scheduler.sharing.Sharing;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The quotas of a queue or cohort as rows of a form.
 *
 * @param rows one for each flavour, those with a quota first and in its order
 */
record QuotaRows(List<Row> rows) {

    static QuotaRows of(List<Quota> quotas, Sharing sharing) {
        var rows = new ArrayList<Row>();
        quotas.forEach(quota -> rows.add(new Row(quota.flavour(), true, rows.size() + 1, quota)));
        sharing.flavours().stream()
                .map(Flavour::name)
                .filter(flavour ->
                        quotas.stream().noneMatch(quota -> quota.flavour().equals(flavour)))
                .forEach(flavour -> rows.add(new Row(
                        flavour, false, rows.size() + 1, new Quota(flavour, Limits.ANY, Limits.ANY, Limits.ANY))));
        return new QuotaRows(List.copyOf(rows));
    }

    /**
     * What it may have of a flavour.
     *
     * @param place in which order the flavours are tried
     */
    record Row(FlavourName flavour, boolean used, int place, Quota quota) {

        /** The limits of a kind, such as {@code nominal}. */
        public Limits of(String kind) {
            return switch (kind) {
                case "borrowing" -> quota.borrowing();
                case "lending" -> quota.lending();
                default -> quota.nominal();
            };
        }
    }

    public List<Integer> places() {
        return IntStream.rangeClosed(1, rows.size()).boxed().toList();
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

    /** What was sent, as the API takes it. */
    static ArrayNode json(Map<String, String> sent) {
        var quotas = JsonNodeFactory.instance.arrayNode();
        sent.keySet().stream()
                .filter(field -> field.startsWith("use."))
                .map(field -> field.substring("use.".length()))
                .sorted(Comparator.comparingInt(flavour -> place(sent.getOrDefault("order." + flavour, ""))))
                .forEach(flavour -> {
                    var quota = quotas.addObject().put("flavour", flavour);
                    Stream.of("nominal", "borrowing", "lending")
                            .forEach(kind -> quota.set(kind, limits(sent, flavour + "." + kind)));
                });
        return quotas;
    }

    private static int place(String said) {
        return said.matches("\\d{1,6}") ? Integer.parseInt(said) : Integer.MAX_VALUE;
    }

    static ObjectNode limits(Map<String, String> sent, String prefix) {
        var limits = JsonNodeFactory.instance.objectNode();
        Stream.of("gpus", "cpus", "memoryMB")
                .forEach(resource -> SentFields.number(sent, prefix + "." + resource, limits, resource));
        return limits;
    }
}
