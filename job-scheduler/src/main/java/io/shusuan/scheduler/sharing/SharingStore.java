package io.shusuan.scheduler.sharing;

import io.shusuan.db.job.JobState;
import io.shusuan.db.queue.Delegate;
import io.shusuan.db.queue.PriorityClassName;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.QueueState;
import io.shusuan.scheduler.queue.quota.CohortName;
import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.Preemption;
import io.shusuan.scheduler.queue.quota.Quota;
import io.shusuan.scheduler.queue.quota.Reclaim;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Reads and writes how the nodes are shared: five small tables. */
@Component
public class SharingStore {

    private final JdbcClient jdbc;
    private final JsonMapper json = new JsonMapper();

    public SharingStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    private record Owned(@Nullable String queue, @Nullable String cohort, Quota quota) {}

    public Sharing read() {
        var quotas = quotas();
        return new Sharing(flavours(), cohorts(quotas), queues(quotas));
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

    private List<CohortSettings> cohorts(List<Owned> quotas) {
        return jdbc.sql("select name, parent, weight from cohorts order by name")
                .query((row, number) -> {
                    var name = row.getString("name");
                    return new CohortSettings(
                            new CohortName(name),
                            cohort(row, "parent"),
                            row.getDouble("weight"),
                            quotas.stream()
                                    .filter(owned -> name.equals(owned.cohort()))
                                    .map(Owned::quota)
                                    .toList());
                })
                .list();
    }

    private List<QueueSettings> queues(List<Owned> quotas) {
        return jdbc.sql("""
                        select name, state, cohort, weight, preempts_lower_priority, reclaim, preempts_for_fair_share,
                               minimum_run_seconds, grace_seconds, ready_seconds, user_milli_cpus, user_memory_mib, user_gpus,
                               budget_gpu_hours, user_budget_gpu_hours, idle_action, idle_after_seconds, idle_grace_seconds,
                               highest_priority, delegate_scheduler, delegate_queue,
                               array(select class from queue_priority_classes where queue = queues.name order by class) as priority_classes
                          from queues order by name""")
                .query((row, number) -> {
                    var name = row.getString("name");
                    return new QueueSettings(
                            new QueueName(name),
                            QueueState.valueOf(row.getString("state")),
                            cohort(row, "cohort"),
                            row.getDouble("weight"),
                            new Preemption(
                                    row.getBoolean("preempts_lower_priority"),
                                    Reclaim.valueOf(row.getString("reclaim")),
                                    row.getBoolean("preempts_for_fair_share"),
                                    Duration.ofSeconds(row.getInt("minimum_run_seconds"))),
                            Duration.ofSeconds(row.getInt("grace_seconds")),
                            readyWithin(row),
                            limits(row, "user"),
                            new Budget(
                                    row.getBigDecimal("budget_gpu_hours"), row.getBigDecimal("user_budget_gpu_hours")),
                            new IdlePolicy(
                                    IdlePolicy.Action.valueOf(row.getString("idle_action")),
                                    Duration.ofSeconds(row.getInt("idle_after_seconds")),
                                    Duration.ofSeconds(row.getInt("idle_grace_seconds"))),
                            priorities(row),
                            delegate(row),
                            quotas.stream()
                                    .filter(owned -> name.equals(owned.queue()))
                                    .map(Owned::quota)
                                    .toList());
                })
                .list();
    }

    private static @Nullable CohortName cohort(ResultSet row, String column) throws SQLException {
        var name = row.getString(column);
        return name == null ? null : new CohortName(name);
    }

    private static @Nullable Duration readyWithin(ResultSet row) throws SQLException {
        var seconds = row.getInt("ready_seconds");
        return row.wasNull() ? null : Duration.ofSeconds(seconds);
    }

    private static @Nullable Delegate delegate(ResultSet row) throws SQLException {
        var scheduler = row.getString("delegate_scheduler");
        return scheduler == null
                ? null
                : new Delegate(Delegate.Scheduler.valueOf(scheduler), row.getString("delegate_queue"));
    }

    /** What a queue takes, without all the rest; anything, if there is no such queue. */
    public PriorityLimits priorities(QueueName queue) {
        return jdbc.sql("""
                        select highest_priority, array(select class from queue_priority_classes where queue = queues.name order by class) as priority_classes
                          from queues where name = :name""")
                .param("name", queue.value())
                .query((row, number) -> priorities(row))
                .optional()
                .orElse(PriorityLimits.ANY);
    }

    private static PriorityLimits priorities(ResultSet row) throws SQLException {
        return new PriorityLimits(
                Arrays.stream((String[]) row.getArray("priority_classes").getArray())
                        .map(PriorityClassName::new)
                        .toList(),
                row.getObject("highest_priority", Integer.class));
    }

    private List<Owned> quotas() {
        return jdbc.sql("select * from quotas order by ordinal, flavour")
                .query((row, number) -> new Owned(
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

    /** Keeps everybody else from changing anything until the transaction ends: two changes may be right only one by one. */
    void lock() {
        jdbc.sql("lock table flavours, cohorts, quotas in share row exclusive mode")
                .update();
    }

    void write(Flavour flavour) {
        jdbc.sql("""
                        insert into flavours (name, labels) values (:name, cast(:labels as jsonb))
                            on conflict (name) do update set labels = excluded.labels""")
                .param("name", flavour.name().value())
                .param("labels", json.writeValueAsString(flavour.labels()))
                .update();
    }

    void write(CohortSettings cohort) {
        jdbc.sql("""
                        insert into cohorts (name, parent, weight) values (:name, :parent, :weight)
                            on conflict (name) do update set parent = excluded.parent, weight = excluded.weight""")
                .param("name", cohort.name().value())
                .param("parent", name(cohort.parent()))
                .param("weight", cohort.weight())
                .update();
        write("cohort", cohort.name().value(), cohort.quotas());
    }

    void write(QueueSettings queue) {
        jdbc.sql("insert into queues (name) values (:name) on conflict do nothing")
                .param("name", queue.name().value())
                .update();
        jdbc.sql("""
                        update queues set cohort = :cohort, weight = :weight, preempts_lower_priority = :lowerPriority,
                                          reclaim = :reclaim, preempts_for_fair_share = :fairShare,
                                          minimum_run_seconds = :minimumRun, grace_seconds = :grace, ready_seconds = :ready,
                                          user_milli_cpus = :milliCpus, user_memory_mib = :memory, user_gpus = :gpus,
                                          budget_gpu_hours = :budget, user_budget_gpu_hours = :userBudget,
                                          idle_action = :idleAction, idle_after_seconds = :idleAfter, idle_grace_seconds = :idleGrace, highest_priority = :highestPriority,
                                          delegate_scheduler = :delegateScheduler, delegate_queue = :delegateQueue
                         where name = :name""")
                .param("name", queue.name().value())
                .param("cohort", name(queue.cohort()))
                .param("weight", queue.weight())
                .param("lowerPriority", queue.preemption().lowerPriority())
                .param("reclaim", queue.preemption().reclaim().name())
                .param("fairShare", queue.preemption().fairShare())
                .param("minimumRun", queue.preemption().minimumRun().toSeconds())
                .param("grace", queue.grace().toSeconds())
                .param(
                        "ready",
                        queue.readyWithin() == null ? null : queue.readyWithin().toSeconds(),
                        Types.INTEGER)
                .param("milliCpus", finite(queue.perUser().milliCpus()))
                .param("memory", finite(queue.perUser().memoryMiB()))
                .param("gpus", finite(queue.perUser().gpus()))
                .param("budget", queue.budget().gpuHours(), Types.NUMERIC)
                .param("userBudget", queue.budget().userGpuHours(), Types.NUMERIC)
                .param("idleAction", queue.idle().action().name())
                .param("idleAfter", queue.idle().after().toSeconds())
                .param("idleGrace", queue.idle().grace().toSeconds())
                .param("highestPriority", queue.priorities().highest(), Types.INTEGER)
                .param(
                        "delegateScheduler",
                        queue.delegate() == null
                                ? null
                                : queue.delegate().scheduler().name(),
                        Types.VARCHAR)
                .param(
                        "delegateQueue",
                        queue.delegate() == null ? null : queue.delegate().queue(),
                        Types.VARCHAR)
                .update();
        writeClasses(queue);
        write("queue", queue.name().value(), queue.quotas());
    }

    private void writeClasses(QueueSettings queue) {
        jdbc.sql("delete from queue_priority_classes where queue = :name")
                .param("name", queue.name().value())
                .update();
        queue.priorities()
                .classes()
                .forEach(each -> jdbc.sql("insert into queue_priority_classes (queue, class) values (:name, :class)")
                        .param("name", queue.name().value())
                        .param("class", each.value())
                        .update());
    }

    private void write(String owner, String name, List<Quota> quotas) {
        jdbc.sql("delete from quotas where %s = :name".formatted(owner))
                .param("name", name)
                .update();
        for (var ordinal = 0; ordinal < quotas.size(); ordinal++) {
            var quota = quotas.get(ordinal);
            var values = new HashMap<String, @Nullable Object>();
            values.put("name", name);
            values.put("flavour", quota.flavour().value());
            values.put("ordinal", ordinal);
            put(values, "nominal", quota.nominal());
            put(values, "borrowing", quota.borrowing());
            put(values, "lending", quota.lending());
            jdbc.sql("""
                            insert into quotas (%s, flavour, ordinal,
                                                nominal_milli_cpus, nominal_memory_mib, nominal_gpus,
                                                borrowing_milli_cpus, borrowing_memory_mib, borrowing_gpus,
                                                lending_milli_cpus, lending_memory_mib, lending_gpus)
                            values (:name, :flavour, :ordinal, :nominalCpus, :nominalMemory, :nominalGpus,
                                    :borrowingCpus, :borrowingMemory, :borrowingGpus,
                                    :lendingCpus, :lendingMemory, :lendingGpus)""".formatted(owner)).params(values).update();
        }
    }

    private static void put(Map<String, @Nullable Object> values, String which, Limits limits) {
        values.put(which + "Cpus", finite(limits.milliCpus()));
        values.put(which + "Memory", finite(limits.memoryMiB()));
        values.put(which + "Gpus", finite(limits.gpus()));
    }

    private static @Nullable Long finite(long limit) {
        return limit == Limits.UNLIMITED ? null : limit;
    }

    private static @Nullable String name(@Nullable CohortName cohort) {
        return cohort == null ? null : cohort.value();
    }

    /** Lets no job come to a queue until the end of the transaction: each asks whether it is there. False, when it is not. */
    boolean lock(QueueName queue) {
        return jdbc.sql("select true from queues where name = :name for update")
                .param("name", queue.value())
                .query(Boolean.class)
                .optional()
                .isPresent();
    }

    /** Those of its jobs that are stored, whatever became of them. */
    StoredJobs jobsOf(QueueName queue) {
        return jdbc.sql("""
                        select count(*) as stored,
                               count(*) filter (where state in (:active)) as active
                          from jobs where queue = :name""")
                .param("name", queue.value())
                .param("active", JobState.ACTIVE.stream().map(JobState::name).toList())
                .query((row, number) -> new StoredJobs(row.getLong("stored"), row.getLong("active")))
                .single();
    }

    record StoredJobs(long stored, long active) {}

    void delete(QueueName queue) {
        jdbc.sql("delete from queues where name = :name")
                .param("name", queue.value())
                .update();
    }

    void delete(CohortName cohort) {
        jdbc.sql("delete from cohorts where name = :name")
                .param("name", Objects.requireNonNull(name(cohort)))
                .update();
    }

    void delete(FlavourName flavour) {
        jdbc.sql("delete from flavours where name = :name")
                .param("name", flavour.value())
                .update();
    }
}
