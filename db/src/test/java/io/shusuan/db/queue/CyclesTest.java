package io.shusuan.db.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobId;
import io.shusuan.db.postgres.TestDatabase;
import io.shusuan.db.queue.Cycles.Act;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Kept cycles, bounded. */
class CyclesTest {

    private static final Instant NOON = Instant.parse("2026-01-15T12:00:00Z");

    private TestDatabase database;
    private Cycles cycles;

    @BeforeEach
    void open() {
        database = TestDatabase.migrated();
        cycles = new Cycles(JdbcClient.create(
                new DriverManagerDataSource(database.jdbcUrl(), database.user(), database.password())));
    }

    @AfterEach
    void close() {
        database.close();
    }

    /** One an hour; every third one stands by itself. Their numbers are from 1. */
    private void add(int many) {
        for (var i = 0; i < many; i++) {
            cycles.add(
                    new Cycles.Cycle(NOON.plus(Duration.ofHours(i)), i % 3 == 0, i, 2 * i, 1, 0),
                    new byte[100],
                    List.of());
        }
    }

    private List<Long> read(Instant from) {
        var ids = new ArrayList<Long>();
        cycles.<RuntimeException>read(from, (id, content) -> ids.add(id));
        return ids;
    }

    @Test
    void theyAreReadFromWhereTheFirstOneCanBeUnderstood() {
        add(40);
        assertThat(read(Instant.EPOCH)).hasSize(40).startsWith(1L, 2L).isSorted();
        assertThat(read(NOON.plus(Duration.ofHours(8)))).startsWith(7L, 8L, 9L).hasSize(34);
        assertThat(cycles.before(Long.MAX_VALUE, Cycles.Wanted.ALL, 2))
                .extracting(Cycles.Kept::id)
                .containsExactly(40L, 39L);
        assertThat(cycles.before(2, Cycles.Wanted.ALL, 9))
                .containsExactly(new Cycles.Kept(1, new Cycles.Cycle(NOON, true, 0, 0, 1, 0), 100));
    }

    @Test
    void oneIsReadWithThoseThatItSaysTheDifferenceFrom() {
        add(10);
        var ids = new ArrayList<Long>();
        cycles.<RuntimeException>read(6, (id, content) -> ids.add(id));
        assertThat(ids).containsExactly(4L, 5L, 6L);
        ids.clear();
        cycles.<RuntimeException>read(99, (id, content) -> ids.add(id));
        assertThat(ids).doesNotContain(99L);
    }

    @Test
    void theyAreFoundByWhomTheyWereAbout() {
        var mine = JobId.next();
        var other = JobId.next();
        var vision = new QueueName("vision");
        add(1);
        var cycle = new Cycles.Cycle(NOON, false, 1, 1, 1, 1);
        cycles.add(cycle, new byte[1], List.of(new Act(mine, vision, true), new Act(mine, vision, true)));
        cycles.add(
                cycle, new byte[1], List.of(new Act(mine, vision, false), new Act(other, new QueueName("nlp"), true)));
        assertThat(found(new Cycles.Wanted(vision, null))).containsExactly(3L, 2L);
        assertThat(found(new Cycles.Wanted(new QueueName("nlp"), null))).containsExactly(3L);
        assertThat(found(new Cycles.Wanted(null, List.of(other)))).containsExactly(3L);
        assertThat(found(new Cycles.Wanted(null, List.of()))).isEmpty();
        assertThat(cycles.giving(List.of(mine), 9)).containsExactly(2L);
    }

    private List<Long> found(Cycles.Wanted wanted) {
        return cycles.before(Long.MAX_VALUE, wanted, 9).stream()
                .map(Cycles.Kept::id)
                .toList();
    }

    @Test
    void beyondTheirBytesTheOldestAreForgottenWithWhatDependsOnThem() {
        add(9);
        assertThat(cycles.forget(650, NOON, Duration.ofDays(1))).isEqualTo(3);
        assertThat(read(Instant.EPOCH)).startsWith(4L).hasSize(6);
        assertThat(cycles.forget(50, NOON, Duration.ofDays(1))).isEqualTo(3);
        assertThat(read(Instant.EPOCH)).containsExactly(7L, 8L, 9L);
    }

    @Test
    void whatIsTooOldIsForgottenExceptForTheNewest() {
        add(9);
        assertThat(cycles.forget(1 << 20, NOON.plus(Duration.ofHours(8)), Duration.ofHours(5)))
                .isEqualTo(3);
        assertThat(cycles.forget(1 << 20, NOON.plus(Duration.ofDays(9)), Duration.ofHours(5)))
                .isEqualTo(3);
        assertThat(read(Instant.EPOCH)).containsExactly(7L, 8L, 9L);
    }

    @Test
    void ofNoneNothingIsReadOrForgotten() {
        assertThat(read(Instant.EPOCH)).isEmpty();
        assertThat(cycles.forget(1, NOON, Duration.ZERO)).isZero();
        assertThat(cycles.before(Long.MAX_VALUE, Cycles.Wanted.ALL, 1)).isEmpty();
    }
}
