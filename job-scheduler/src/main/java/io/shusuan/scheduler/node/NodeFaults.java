package io.shusuan.scheduler.node;

import io.shusuan.db.Instants;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/** The faults of GPUs as they are kept. */
@Repository
class NodeFaults {

    private static final String SELECT = "select id, node, gpu, kind, xid, since, cordoned_at from node_faults";

    private final JdbcClient jdbc;

    NodeFaults(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Takes over what a node's agent tells: what is new stands from now on, what is no longer told has ended. */
    @Transactional
    public void tell(String node, List<GpuFault> told, Instant now) {
        for (var standing : of(node)) {
            if (told.stream().noneMatch(standing.fault()::isSameAs)) {
                jdbc.sql("update node_faults set ended_at = :now where id = :id and ended_at is null")
                        .param("now", stored(now))
                        .param("id", standing.id())
                        .update();
            }
        }
        for (var fault : told) {
            jdbc.sql("""
                            insert into node_faults (node, gpu, kind, xid, since)
                            values (:node, :gpu, :kind, :xid, :since)
                            on conflict (node, gpu, kind, coalesce(xid, 0)) where ended_at is null do nothing""")
                    .param("node", node)
                    .param("gpu", fault.gpu())
                    .param("kind", fault.kind().name())
                    .param("xid", fault.xid())
                    .param("since", stored(fault.since()))
                    .update();
        }
    }

    /** What stands on a node, the oldest first. */
    public List<StandingFault> of(String node) {
        return jdbc.sql(SELECT + " where ended_at is null and node = :node order by id")
                .param("node", node)
                .query(NodeFaults::standing)
                .list();
    }

    /** What stands on all nodes. */
    public List<StandingFault> all() {
        return jdbc.sql(SELECT + " where ended_at is null order by id")
                .query(NodeFaults::standing)
                .list();
    }

    /** Returns whether nobody else has said so before. */
    public boolean cordoned(List<StandingFault> faults, Instant now) {
        return jdbc.sql("update node_faults set cordoned_at = :now where id in (:ids) and cordoned_at is null")
                        .param("now", stored(now))
                        .param("ids", faults.stream().map(StandingFault::id).toList())
                        .update()
                > 0;
    }

    private static StandingFault standing(ResultSet row, int number) throws SQLException {
        var xid = row.getObject("xid", Integer.class);
        return new StandingFault(
                row.getLong("id"),
                row.getString("node"),
                new GpuFault(
                        row.getString("gpu"),
                        GpuFault.Kind.valueOf(row.getString("kind")),
                        xid,
                        Instants.of(row, "since")),
                Instants.orNull(row, "cordoned_at"));
    }

    private static OffsetDateTime stored(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }
}
