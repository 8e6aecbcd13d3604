import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Teaches a network. A tenth of the images is kept back to watch how it does on images it does not learn from.
 *
 * <p>All randomness comes from one {@link Random}, whose algorithm is part of its specification.
 */
final class Training {

    private static final int BATCH = 16;
    private static final double FIRST_RATE = 0.05;

    private final Random random;
    private final int epochs;
    private final List<Digit> lessons;
    private final List<Digit> validation;
    private final Network network;

    Training(List<Digit> digits, int epochs, long seed) {
        this.random = new Random(seed);
        this.epochs = epochs;
        var shuffled = new ArrayList<>(digits);
        Collections.shuffle(shuffled, random);
        int keptBack = Math.ceilDiv(shuffled.size(), 10);
        validation = List.copyOf(shuffled.subList(0, keptBack));
        lessons = new ArrayList<>(shuffled.subList(keptBack, shuffled.size()));
        if (lessons.isEmpty()) {
            throw new Fault("one image is too few to learn from: training needs at least two");
        }
        network = new Network(random);
    }

    /** One pass over all lessons, in a new order; the rate falls from epoch to epoch, so that training settles. */
    Progress epoch(int number) {
        Collections.shuffle(lessons, random);
        double rate = FIRST_RATE * (epochs - number + 1) / epochs;
        double loss = 0;
        for (int start = 0; start < lessons.size(); start += BATCH) {
            var batch = lessons.subList(start, Math.min(start + BATCH, lessons.size()));
            loss += network.learn(batch.stream().map(this::nudged).toList(), rate);
        }
        return new Progress(loss / lessons.size(), network.accuracy(validation));
    }

    /** Half of the time the digit itself, else moved by one pixel: nobody writes in the same place twice. */
    private Digit nudged(Digit digit) {
        return switch (random.nextInt(8)) {
            case 0 -> digit.shifted(1, 0);
            case 1 -> digit.shifted(-1, 0);
            case 2 -> digit.shifted(0, 1);
            case 3 -> digit.shifted(0, -1);
            default -> digit;
        };
    }

    Network network() {
        return network;
    }

    int lessons() {
        return lessons.size();
    }

    /** The images that nothing is learnt from. */
    List<Digit> validation() {
        return validation;
    }

    record Progress(double loss, double validationAccuracy) {}
}
