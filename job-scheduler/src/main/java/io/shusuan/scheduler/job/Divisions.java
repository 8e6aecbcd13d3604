package io.shusuan.scheduler.job;

import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.job.Division.Flavour;
import io.shusuan.scheduler.queue.quota.Cohort;
import io.shusuan.scheduler.queue.quota.CohortName;
import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.Preemption;
import io.shusuan.scheduler.queue.quota.QueueRules;
import io.shusuan.scheduler.queue.quota.QueueState;
import io.shusuan.scheduler.queue.quota.Quota;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads how the nodes are divided. A queue without quotas owns all that there is and lends nothing of it: if it lent, every
 * quota beside it would be void. What is in no cohort lends to nobody and borrows from nobody.
 */
@Component
class Divisions {

    /** The root of the tree, which has nothing of its own. Spaces keep it apart from the cohorts that people name. */
    private static final CohortName EVERYTHING = new CohortName("the whole cluster");

    private final JdbcClient jdbc;
    private final JsonMapper json = new JsonMapper();

    Divisions(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    private record CohortRow(CohortName name, @Nullable String parent, double weight) {}

    private record QueueRow(
            QueueName name, boolean held, @Nullable String cohort, double weight, Limits perUser) {}

    private record QuotaRow(
            @Nullable String queue, @Nullable String cohort, Quota quota) {}

    Division read() {
        var queues = queues();
        var flavours = flavours();
        return new Division(
                flavours,
                new Tree(flavours, cohorts(), queues, quotas()).root(),
                queues.stream().filter(QueueRow::held).map(QueueRow::name).collect(Collectors.toSet()));
    }

    private List<Flavour> flavours() {
        return jdbc.sql("select name, labels::text as labels from flavours")
                .query((row, number) -> {
                    var labels = new HashMap<String, String>();
                    json.readTree(row.getString("labels"))
                            .properties()
                            .forEach(label ->
                                    labels.put(label.getKey(), label.getValue().asString()));
                    return new Flavour(new FlavourName(row.getString("name")), labels);
                })
                .list();
    }

    private List<CohortRow> cohorts() {
        return jdbc.sql("select name, parent, weight from cohorts order by name")
                .query((row, number) -> new CohortRow(
                        new CohortName(row.getString("name")), row.getString("parent"), row.getDouble("weight")))
                .list();
    }

    private List<QueueRow> queues() {
        return jdbc.sql("""
                        select name, held, cohort, weight, user_milli_cpus, user_memory_mib, user_gpus
                          from queues order by name""")
                .query((row, number) -> new QueueRow(
                        new QueueName(row.getString("name")),
                        row.getBoolean("held"),
                        row.getString("cohort"),
                        row.getDouble("weight"),
                        limits(row, "user")))
                .list();
    }

    private List<QuotaRow> quotas() {
        return jdbc.sql("select * from quotas order by ordinal, flavour")
                .query((row, number) -> new QuotaRow(
                        row.getString("queue"),
                        row.getString("cohort"),
                        new Quota(
                                new FlavourName(row.getString("flavour")),
                                limits(row, "nominal"),
                                limits(row, "borrowing"),
                                limits(row, "lending"))))
                .list();
    }

    private static Limits limits(ResultSet row, String which) throws SQLException {
        return new Limits(
                limit(row, which + "_milli_cpus"), limit(row, which + "_memory_mib"), limit(row, which + "_gpus"));
    }

    private static long limit(ResultSet row, String column) throws SQLException {
        var amount = row.getLong(column);
        return row.wasNull() ? Limits.UNLIMITED : amount;
    }

    /** Puts the rows together to the tree. */
    private record Tree(List<Flavour> flavours, List<CohortRow> cohorts, List<QueueRow> queues, List<QuotaRow> quotas) {

        Cohort root() {
            return new Cohort(EVERYTHING, 1, List.of(), cohortsIn(null), queuesIn(null));
        }

        private List<Cohort> cohortsIn(@Nullable String parent) {
            return cohorts.stream()
                    .filter(cohort -> Objects.equals(cohort.parent(), parent))
                    .map(cohort -> {
                        var name = cohort.name().value();
                        var own = quotas.stream()
                                .filter(quota -> name.equals(quota.cohort()))
                                .map(QuotaRow::quota)
                                .toList();
                        return new Cohort(
                                cohort.name(),
                                cohort.weight(),
                                parent == null ? withNothingOfTheOthers(alone(own)) : own,
                                cohortsIn(name),
                                queuesIn(name));
                    })
                    .toList();
        }

        private List<QueueRules> queuesIn(@Nullable String cohort) {
            return queues.stream()
                    .filter(queue -> Objects.equals(queue.cohort(), cohort))
                    .map(queue -> new QueueRules(
                            queue.name(),
                            queue.held() ? QueueState.HELD : QueueState.OPEN,
                            queue.weight(),
                            quotasOf(queue),
                            queue.perUser(),
                            Preemption.NONE))
                    .toList();
        }

        private List<Quota> quotasOf(QueueRow queue) {
            var own = quotas.stream()
                    .filter(quota -> queue.name().value().equals(quota.queue()))
                    .map(QuotaRow::quota)
                    .toList();
            if (own.isEmpty()) {
                return flavours.stream()
                        .sorted(Division.PLAIN_FIRST)
                        .map(flavour -> new Quota(flavour.name(), Limits.ANY, Limits.ANY, Limits.NONE))
                        .toList();
            }
            return queue.cohort() == null ? alone(own) : own;
        }

        private static List<Quota> alone(List<Quota> own) {
            return own.stream()
                    .map(quota -> new Quota(quota.flavour(), quota.nominal(), Limits.NONE, Limits.NONE))
                    .toList();
        }

        /** A cohort keeps for itself what its members lend it, also of flavours of which it has nothing of its own. */
        private List<Quota> withNothingOfTheOthers(List<Quota> own) {
            var all = new ArrayList<>(own);
            flavours.stream()
                    .map(Flavour::name)
                    .filter(name ->
                            own.stream().noneMatch(quota -> quota.flavour().equals(name)))
                    .map(name -> new Quota(name, Limits.NONE, Limits.NONE, Limits.NONE))
                    .forEach(all::add);
            return all;
        }
    }
}
