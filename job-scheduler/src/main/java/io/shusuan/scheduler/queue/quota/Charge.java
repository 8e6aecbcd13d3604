package io.shusuan.scheduler.queue.quota;

import io.shusuan.db.job.Resources;
import java.util.Arrays;

/** What a gang takes of quotas: amounts, each of one place, that is one resource of one flavour. Sparse, never negative. */
public final class Charge {

    static final int RESOURCES = Resource.ALL.length;

    private final int[] places;
    private final long[] amounts;

    /** A bit for each place; of two places that share one, it is not told apart. */
    private final long mask;

    private Charge(int[] places, long[] amounts) {
        this.places = places;
        this.amounts = amounts;
        var bits = 0L;
        for (var place : places) {
            bits |= 1L << place;
        }
        mask = bits;
    }

    public int size() {
        return places.length;
    }

    int place(int i) {
        return places[i];
    }

    long amount(int i) {
        return amounts[i];
    }

    /** Whether any of it may be of a place that the other one takes from, too; if it says no, none is. */
    public boolean meets(Charge other) {
        return (mask & other.mask) != 0;
    }

    /** The amount of a resource over all flavours. */
    public long total(Resource resource) {
        var total = 0L;
        for (var i = 0; i < places.length; i++) {
            total += places[i] % RESOURCES == resource.index() ? amounts[i] : 0;
        }
        return total;
    }

    /** What is left of it when the other is taken off; nothing goes below zero. */
    public Charge less(Sum other) {
        var left = new long[amounts.length];
        for (var i = 0; i < left.length; i++) {
            left[i] = Math.max(0, amounts[i] - other.amounts[places[i]]);
        }
        return new Charge(places, left);
    }

    /** Adds up a charge. */
    public static final class Sum {
        private final long[] amounts;

        Sum(int flavours) {
            amounts = new long[flavours * RESOURCES];
        }

        /** @param flavour its number in the tree; less than zero, if no queue has it: then it costs no quota */
        public Sum add(int flavour, Resources each, int count) {
            if (flavour >= 0) {
                for (var resource : Resource.ALL) {
                    amounts[flavour * RESOURCES + resource.index()] += resource.of(each) * count;
                }
            }
            return this;
        }

        public void add(Charge charge) {
            for (var i = 0; i < charge.places.length; i++) {
                amounts[charge.places[i]] += charge.amounts[i];
            }
        }

        public Charge charge() {
            var count = 0;
            for (var amount : amounts) {
                count += amount > 0 ? 1 : 0;
            }
            var places = new int[count];
            var taken = new long[count];
            for (int place = 0, i = 0; place < amounts.length; place++) {
                if (amounts[place] > 0) {
                    places[i] = place;
                    taken[i++] = amounts[place];
                }
            }
            return new Charge(places, taken);
        }
    }

    @Override
    public String toString() {
        return Arrays.toString(places) + Arrays.toString(amounts);
    }
}
