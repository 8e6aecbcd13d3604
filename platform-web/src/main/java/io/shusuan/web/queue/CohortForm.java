package io.shusuan.web.queue;

import io.shusuan.scheduler.sharing.CohortSettings;
import io.shusuan.scheduler.sharing.Sharing;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The settings of a cohort as a form: what it shows at first, and what of it is the API's.
 *
 * @param parents the cohorts that it may be put into; those that would make a circle are refused when it is tried
 */
record CohortForm(CohortSettings cohort, QuotaRows quotas, List<String> parents) {

    static CohortForm of(CohortSettings cohort, Sharing sharing) {
        return new CohortForm(
                cohort,
                QuotaRows.of(cohort.quotas(), sharing),
                sharing.cohorts().stream()
                        .map(each -> each.name().value())
                        .filter(name -> !name.equals(cohort.name().value()))
                        .toList());
    }

    static JsonNode json(Map<String, String> sent) {
        var body = JsonNodeFactory.instance.objectNode();
        SentFields.text(sent, "parent").ifPresent(parent -> body.put("parent", parent));
        SentFields.number(sent, "weight", body, "weight");
        body.set("quotas", QuotaRows.json(sent));
        return body;
    }
}
