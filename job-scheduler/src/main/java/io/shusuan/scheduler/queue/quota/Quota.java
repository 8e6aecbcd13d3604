package io.shusuan.scheduler.queue.quota;

/**
 * What a queue or cohort has of one flavour.
 *
 * @param nominal what it owns: it gets that back from whoever borrowed it
 * @param borrowing how much more it may use while others leave it unused
 * @param lending how much of its own it lends; the rest is never lent
 */
public record Quota(FlavourName flavour, Limits nominal, Limits borrowing, Limits lending) {

    public static Quota of(FlavourName flavour, Limits nominal) {
        return new Quota(flavour, nominal, Limits.ANY, Limits.ANY);
    }
}
