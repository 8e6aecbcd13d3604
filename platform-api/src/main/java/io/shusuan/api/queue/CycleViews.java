package io.shusuan.api.queue;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.shusuan.db.queue.Cycles;
import io.shusuan.scheduler.queue.Standing;
import io.shusuan.scheduler.replay.CycleAccount;
import io.shusuan.scheduler.replay.CycleJob;
import io.shusuan.scheduler.replay.Precedence;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What the API shows of kept cycles. */
final class CycleViews {

    private CycleViews() {}

    /**
     * A cycle in which somebody was admitted or told to leave.
     *
     * @param waiting how many jobs waited when it began
     * @param running how many had resources
     * @param leaving how many were told to leave
     * @param bytes what keeping it takes
     */
    @Schema(name = "Cycle")
    record View(long id, Instant at, int waiting, int running, int admitted, int leaving, int bytes) {

        static View of(Cycles.Kept kept) {
            var cycle = kept.cycle();
            return new View(
                    kept.id(),
                    cycle.at(),
                    cycle.waiting(),
                    cycle.running(),
                    cycle.admitted(),
                    cycle.leaving(),
                    kept.bytes());
        }
    }

    /** A job that is named beside another one. */
    @Schema(name = "CycleNamed")
    record NamedView(UUID job, String name) {

        static NamedView of(CycleJob.Named named) {
            return new NamedView(named.job().value(), named.name());
        }
    }

    /** What was decided about a job. */
    enum Outcome {
        ADMITTED,
        PREEMPTS,
        LEAVES,
        GROWS,
        WAITS
    }

    /**
     * A job of a cycle.
     *
     * @param nodes where it was admitted
     * @param victims who had to leave for it
     * @param preemptor for whom it had to leave; missing, because its queue was stopped
     * @param position its place in its queue, if it waited
     * @param reason why it waited
     */
    @Schema(name = "CycleJob")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record JobView(
            UUID job,
            String name,
            Outcome outcome,
            @Nullable List<String> nodes,
            @Nullable List<NamedView> victims,
            @Nullable NamedView preemptor,
            @Nullable Integer position,
            @Nullable String reason,
            @Nullable String message) {

        static JobView of(CycleJob job) {
            var id = job.job().value();
            return switch (job.fate()) {
                case CycleJob.Admitted admitted ->
                    new JobView(id, job.name(), Outcome.ADMITTED, admitted.nodes(), null, null, null, null, null);
                case CycleJob.Preempts preempts ->
                    new JobView(
                            id,
                            job.name(),
                            Outcome.PREEMPTS,
                            null,
                            preempts.victims().stream().map(NamedView::of).toList(),
                            null,
                            null,
                            null,
                            null);
                case CycleJob.Leaves leaves ->
                    new JobView(
                            id,
                            job.name(),
                            Outcome.LEAVES,
                            null,
                            null,
                            leaves.preemptor() == null ? null : NamedView.of(leaves.preemptor()),
                            null,
                            null,
                            null);
                case CycleJob.Grows _ -> new JobView(id, job.name(), Outcome.GROWS, null, null, null, null, null, null);
                case CycleJob.Waits waits ->
                    new JobView(
                            id,
                            job.name(),
                            Outcome.WAITS,
                            null,
                            null,
                            null,
                            waits.position(),
                            waits.shortage().reason().code(),
                            waits.shortage().sentence());
            };
        }
    }

    /** A job of a cycle, and what its place rested on. */
    @Schema(name = "CycleLine")
    record LineView(JobView job, String queue, String user, int priority) {

        static LineView of(CycleAccount.Line line) {
            return new LineView(JobView.of(line.job()), line.queue().value(), line.user(), line.priority());
        }
    }

    /**
     * What a cycle decided about each job.
     *
     * @param lines first who was given room or told to leave, then who waited, queue by queue in its order
     * @param more how many there are beside those
     * @param otherwise what would be decided otherwise now from the same input; missing, if nothing would
     */
    @Schema(name = "CycleAccount")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record AccountView(
            long id,
            Instant at,
            List<LineView> lines,
            int more,
            @Nullable String otherwise) {

        static AccountView of(CycleAccount account) {
            return new AccountView(
                    account.id(),
                    account.at(),
                    account.lines().stream().map(LineView::of).toList(),
                    account.more(),
                    account.otherwise());
        }
    }

    /** What a queue or cohort would have borrowed, of what its neighbours share, by its weight. */
    @Schema(name = "CycleShare")
    record ShareView(String member, double share) {}

    /**
     * Where a job stood when a cycle began.
     *
     * @param position how many of its queue were before it, and itself
     * @param promised whether room was kept for it
     * @param shares with it, of its queue and each cohort that it is in, the widest first; whose is less comes first
     */
    @Schema(name = "CycleStanding")
    record StandingView(
            String queue, int priority, Instant submitted, int position, boolean promised, List<ShareView> shares) {

        static StandingView of(Standing standing) {
            return new StandingView(
                    standing.queue().value(),
                    standing.priority(),
                    Instant.ofEpochMilli(standing.submitted().millis()),
                    standing.position(),
                    standing.promised(),
                    standing.shares().stream()
                            .map(share -> new ShareView(share.member(), share.share()))
                            .toList());
        }
    }

    /** One of two jobs that are compared. */
    @Schema(name = "CycleSide")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record SideView(JobView job, @Nullable StandingView standing) {

        static SideView of(Precedence.Side side) {
            var standing = side.standing();
            return new SideView(JobView.of(side.job()), standing == null ? null : StandingView.of(standing));
        }
    }

    /**
     * Why one job was given room while another one waited.
     *
     * @param order what the order between the two was
     */
    @Schema(name = "CyclePrecedence")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record PrecedenceView(
            long cycle,
            Instant at,
            SideView first,
            SideView second,
            @Nullable String order) {

        static PrecedenceView of(Precedence found) {
            return new PrecedenceView(
                    found.cycle(), found.at(), SideView.of(found.first()), SideView.of(found.second()), found.order());
        }
    }
}
