package io.shusuan.scheduler.queue;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A waiting job in the course of a cycle: what it asks for, and what is known about it so far. */
final class Candidate {

    final Waiting waiting;
    final Request request;

    final long rank;

    private @Nullable Decision decision;
    private @Nullable Shortage shortage;
    private @Nullable Promise promise;
    private boolean aside;
    private int position;

    Candidate(Waiting waiting, Request request, Rules rules) {
        this.waiting = waiting;
        this.request = request;
        rank = waiting.rank(rules);
    }

    static int inOrder(Candidate one, Candidate other) {
        if (one.rank != other.rank) {
            return Long.compare(one.rank, other.rank);
        }
        var bySubmission = one.waiting.submitted().compareTo(other.waiting.submitted());
        return bySubmission != 0 ? bySubmission : one.waiting.job().compareTo(other.waiting.job());
    }

    boolean isDecided() {
        return decision != null;
    }

    void decide(Decision made) {
        decision = made;
    }

    void waitsFor(Shortage now) {
        shortage = now;
    }

    @Nullable
    Shortage shortage() {
        return shortage;
    }

    void isPromised(@Nullable Promise now) {
        promise = now;
    }

    boolean isPromised() {
        return promise != null;
    }

    /** Of those who wait for the same, only the first is told the numbers; for the others it is not their turn. */
    void waitsBehind(Set<Shortage> said) {
        var own = shortage;
        if (own != null && !own.isHopeless() && !said.add(own) && !isPromised()) {
            shortage = own.turn();
        }
    }

    /** Not to be looked at: nothing that is free can help it. */
    void setAside(Shortage why) {
        aside = true;
        shortage = why;
    }

    boolean isSetAside() {
        return aside;
    }

    /** Whether it could have what is free some day. */
    boolean isWaiting() {
        return decision == null && !aside && (shortage == null || !shortage.isHopeless());
    }

    boolean isAdmitted() {
        return decision instanceof Decision.Admit;
    }

    void standsAt(int now) {
        position = now;
    }

    Decision decision() {
        if (decision != null) {
            return decision;
        }
        var why =
                shortage == null ? Shortage.of(WaitReason.PENDING_EVALUATION, "has not been looked at yet") : shortage;
        return new Decision.Wait(waiting.job(), why, position, promise);
    }
}
