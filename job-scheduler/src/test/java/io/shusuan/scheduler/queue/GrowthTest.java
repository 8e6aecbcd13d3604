package io.shusuan.scheduler.queue;

import static io.shusuan.scheduler.queue.Worlds.RECLAIMING;
import static io.shusuan.scheduler.queue.Worlds.START;
import static io.shusuan.scheduler.queue.Worlds.cohort;
import static io.shusuan.scheduler.queue.Worlds.gpus;
import static io.shusuan.scheduler.queue.Worlds.job;
import static io.shusuan.scheduler.queue.Worlds.queue;
import static io.shusuan.scheduler.queue.Worlds.site;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.queue.placement.Ask;
import io.shusuan.scheduler.queue.placement.NodeSelector;
import io.shusuan.scheduler.queue.placement.Role;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Jobs that began with fewer tasks than they ask for, and would have more. */
class GrowthTest {

    private static final Moment LATER = START.plus(Growth.REST);

    private final World world =
            new World(site(2, 8), cohort(queue(0, 8, RECLAIMING), queue(1, 8, RECLAIMING)), Rules.USUAL, Duration.ZERO);

    private static Ask elastic(int least, int tasks) {
        return Ask.of(new Role("main", new Resources(1000, 1000, 1), tasks, least, NodeSelector.flavour(Worlds.FAST)));
    }

    /** 16 GPUs, of which others have so many. */
    private void grower(Ask ask, int taken) {
        world.submit(job(1, 1, 0, START, gpus(taken, 1)));
        world.cycle(START);
        world.submit(job(2, 0, 0, START, ask));
        world.cycle(START);
    }

    private int tasks() {
        return world.running().stream()
                .filter(each -> each.job().equals(Worlds.id(2)))
                .mapToInt(Running::tasks)
                .sum();
    }

    private List<Decision> after(Duration time) {
        return world.cycle(START.plus(time));
    }

    @Test
    void beginsAnewWithMoreWhenOthersHaveGone() {
        grower(elastic(2, 12).growing(), 10);
        assertThat(tasks()).isEqualTo(6);
        world.end(Worlds.id(1));

        assertThat(world.cycle(LATER)).containsExactly(new Decision.Grow(Worlds.id(2), 12));
        world.cycle(LATER.plus(Duration.ofSeconds(1)));

        assertThat(tasks()).isEqualTo(12);
        assertThat(after(Duration.ofDays(1))).isEmpty();
    }

    @Test
    void notWithoutHavingAskedForIt() {
        grower(elastic(2, 12), 10);
        world.end(Worlds.id(1));
        assertThat(world.cycle(LATER)).isEmpty();
    }

    @Test
    void notBeforeItHasRunForAWhile() {
        grower(elastic(2, 12).growing(), 10);
        world.end(Worlds.id(1));
        assertThat(after(Growth.REST.minusSeconds(1))).isEmpty();
    }

    @Test
    void notForALittleMore() {
        grower(elastic(2, 12).growing(), 5);
        assertThat(tasks()).isEqualTo(11);
        world.end(Worlds.id(1));
        assertThat(world.cycle(LATER)).isEmpty();
    }

    @Test
    void notWhileSomebodyWaitsForSuchNodes() {
        grower(elastic(2, 12).growing(), 10);
        world.end(Worlds.id(1));
        world.submit(job(3, 1, 0, START, gpus(1, 8).growing())); // takes one node
        world.submit(job(4, 1, 0, START, gpus(1, 8))); // which the grower keeps from the other one

        assertThat(world.cycle(LATER)).noneMatch(Decision.Grow.class::isInstance);
    }

    @Test
    void oneAfterTheOther() {
        world.submit(job(1, 1, 0, START, gpus(12, 1)));
        world.submit(job(9, 0, 0, START, gpus(2, 1)));
        world.cycle(START);
        world.submit(job(2, 0, 0, START, elastic(1, 4).growing()));
        world.cycle(START);
        world.end(Worlds.id(9));
        world.submit(job(3, 0, 0, START, elastic(1, 4).growing()));
        world.cycle(START);
        world.end(Worlds.id(1));

        assertThat(world.cycle(LATER)).containsExactly(new Decision.Grow(Worlds.id(2), 4));
        assertThat(world.cycle(LATER)).hasSize(2).contains(new Decision.Grow(Worlds.id(3), 4));
        world.cycle(LATER);

        assertThat(world.running()).extracting(Running::tasks).containsExactly(4, 4);
        assertThat(world.cycle(LATER.plus(Growth.REST))).isEmpty();
    }

    @Test
    void withinItsQuota() {
        var narrow = new World(site(2, 8), cohort(queue(0, 8, RECLAIMING)), Rules.USUAL, Duration.ZERO);
        narrow.submit(job(1, 0, 0, START, gpus(5, 1)));
        narrow.cycle(START);
        narrow.submit(job(2, 0, 0, START, elastic(2, 12).growing()));
        narrow.cycle(START);
        narrow.end(Worlds.id(1));
        assertThat(narrow.cycle(LATER)).containsExactly(new Decision.Grow(Worlds.id(2), 8));
    }
}
