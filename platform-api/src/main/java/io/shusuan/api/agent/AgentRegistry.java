package io.shusuan.api.agent;

import io.shusuan.db.Instants;
import io.shusuan.db.job.JobId;
import io.swagger.v3.oas.annotations.media.Schema;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What each agent reported last, to whichever replica. It stands in the database, by whose clock it is told who is lost, so that all replicas tell the
 * same. Bounded; an agent that has been silent for an hour is forgotten, and those of a job that has ended are gone at once.
 */
@Service
public class AgentRegistry {

    /** After so long without a report an agent counts as lost. */
    public static final Duration LOST_AFTER = Duration.ofSeconds(15);

    private static final int MAX_AGENTS = 10_000;

    /** All reports together, in characters: a report may be long, and whoever runs a job may send many. */
    private static final long MAX_LENGTH = 64L << 20;

    /** A replica that has taken in so many characters looks whether there are too many. */
    private static final long LOOKS_AFTER = 16L << 20;

    /** What a report takes at least, in characters. */
    private static final int ROW = 1000;

    private static final String KNOWN = """
            r.reported_at > now() - interval '1 hour'
             and not exists (select 1 from jobs j where j.id = r.job_id and j.state in ('SUCCEEDED', 'FAILED', 'STOPPED'))""";

    private static final String TOLD = """
            r.report, r.reported_at, r.reported_at < now() - make_interval(secs => :lostAfter) as lost from agent_reports r""";

    private static final String IN_ORDER = "order by r.hostname, r.started_at, r.agent_id";

    private final JdbcClient jdbc;
    private final JsonMapper json;
    private final AtomicLong takenIn = new AtomicLong();

    AgentRegistry(JdbcClient jdbc, JsonMapper json) {
        this.jdbc = jdbc;
        this.json = json.rebuild().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
    }

    /** An agent, what it said last and when. */
    @Schema(name = "Agent")
    public record Known(AgentReport report, Instant lastSeen, boolean lost) {}

    /** Takes a report in, unless an agent of that id belongs to another job. */
    boolean reported(AgentReport report) {
        var text = json.writeValueAsString(report);
        var job = report.job();
        var node = report.node();
        var taken = jdbc.sql("""
                        insert into agent_reports (agent_id, job_id, node, hostname, started_at, reported_at, length, report)
                        values (:agent, :job, :node, :hostname, :startedAt, clock_timestamp(), :length, :report)
                        on conflict (agent_id) do update
                           set node = excluded.node, hostname = excluded.hostname, started_at = excluded.started_at,
                               reported_at = excluded.reported_at, length = excluded.length, report = excluded.report
                         where agent_reports.job_id is not distinct from excluded.job_id""")
                        .param("agent", report.agentId())
                        .param("job", job == null ? null : JobId.parse(job.id()).value())
                        .param("node", node == null ? null : node.name())
                        .param("hostname", report.hostname())
                        .param("startedAt", report.startedAt().atOffset(ZoneOffset.UTC))
                        .param("length", text.length())
                        .param("report", text)
                        .update()
                > 0;
        if (takenIn.addAndGet(Math.max(ROW, text.length())) > LOOKS_AFTER) {
            takenIn.set(0);
            forget();
        }
        return taken;
    }

    /** What nobody is told of any more, and of too many those that were not heard for the longest time. */
    private void forget() {
        jdbc.sql("""
                        delete from agent_reports where agent_id in (
                            select r.agent_id from agent_reports r
                              join (select agent_id, row_number() over newest as number, sum(length) over newest as length
                                      from agent_reports window newest as (order by reported_at desc, agent_id)) counted
                             using (agent_id)
                             where counted.number > :agents or counted.length > :length or not (%s)
                               for update of r skip locked)""".formatted(KNOWN))
                .param("agents", MAX_AGENTS)
                .param("length", MAX_LENGTH)
                .update();
    }

    /** All agents, by host and start. */
    public List<Known> all() {
        return first(MAX_AGENTS);
    }

    /** Some of them, in the same order. */
    public List<Known> first(int agents) {
        return read("select %s where %s %s limit :most".formatted(TOLD, KNOWN, IN_ORDER))
                .param("most", agents)
                .query(this::known)
                .list();
    }

    /** Those in the tasks of a job, in the same order. */
    public List<Known> of(JobId job) {
        return read("select %s where %s and r.job_id = :job %s".formatted(TOLD, KNOWN, IN_ORDER))
                .param("job", job.value())
                .query(this::known)
                .list();
    }

    /** Those that tell of these nodes; of several of one node, as there are while they are replaced, the one that was heard last. */
    public List<Known> ofNodes(Collection<String> nodes) {
        return read("select distinct on (r.node) %s where r.node = any(:nodes) and %s order by r.node, r.reported_at desc"
                        .formatted(TOLD, KNOWN))
                .param("nodes", nodes.toArray(String[]::new))
                .query(this::known)
                .list();
    }

    private JdbcClient.StatementSpec read(String statement) {
        return jdbc.sql(statement).param("lostAfter", LOST_AFTER.toSeconds());
    }

    private Known known(ResultSet row, int number) throws SQLException {
        return new Known(
                json.readValue(row.getString("report"), AgentReport.class),
                Instants.of(row, "reported_at"),
                row.getBoolean("lost"));
    }
}
