package io.shusuan.web.cluster;

/**
 * How much of something is in use.
 *
 * @param what the key of its name
 * @param others used on the nodes by what is not the platform's
 */
record Bar(String what, long held, long others, long total, Unit unit) {

    /** How an amount is written. */
    enum Unit {
        WHOLE,
        MILLI,
        MEBI
    }

    public String heldText() {
        return text(held);
    }

    public String othersText() {
        return text(others);
    }

    public String totalText() {
        return text(total);
    }

    /** In percent of the total, for the bar; never more than all. */
    public long heldShare() {
        return share(held);
    }

    public long othersShare() {
        return Math.min(share(others), 100 - heldShare());
    }

    private long share(long amount) {
        return total == 0 ? 0 : Math.min(100, Math.round(100.0 * amount / total));
    }

    private String text(long amount) {
        return switch (unit) {
            case WHOLE -> Long.toString(amount);
            case MILLI -> oneDigit(amount / 1000.0);
            case MEBI -> oneDigit(amount / 1024.0) + " GiB";
        };
    }

    private static String oneDigit(double amount) {
        return amount == Math.rint(amount) ? Long.toString((long) amount) : "%.1f".formatted(amount);
    }
}
