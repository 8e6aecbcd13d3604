package io.shusuan.scheduler.replay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** {@code ./shusuan replay …}: answers from the cycles of the queue in a file. */
public final class Replay {

    static final String USAGE = """
            replay list                   the cycles that were kept
            replay why A before B         why job A was given room while job B waited
            replay verify                 decide them again, and tell the first that is decided otherwise
            replay try CHANGE...          who would have run earlier or later with QUEUE.weight=2, QUEUE.priority=10
                                          (of all its jobs) or QUEUE.FLAVOUR.gpus=24 (what it owns; cpus, memoryMB likewise)
            """;

    private final Path file;

    Replay(Path file) {
        this.file = file;
    }

    /** What there is to say, and whether that is bad news. */
    record Answer(String text, boolean good) {}

    public static void main(String[] arguments) throws IOException {
        try {
            var answer = new Replay(Path.of(arguments[0]))
                    .answer(Arrays.asList(arguments).subList(1, arguments.length));
            System.out.print(answer.text());
            System.exit(answer.good() ? 0 : 1);
        } catch (IllegalArgumentException wrong) {
            System.err.println("shusuan: " + wrong.getMessage());
            System.exit(2);
        }
    }

    /** @throws IllegalArgumentException if the question is none */
    Answer answer(List<String> question) throws IOException {
        var verb = question.isEmpty() ? "list" : question.getFirst();
        if (verb.equals("list") && question.size() <= 1) {
            var listing = new Listing();
            return new Answer(read(listing::look) + listing.answer(), true);
        }
        if (verb.equals("verify") && question.size() == 1) {
            var verification = new Verification();
            return new Answer(read(verification::look) + verification.answer(), verification.isSame());
        }
        if (verb.equals("why") && question.size() == 4 && question.get(2).equals("before")) {
            var why = new Why(question.get(1), question.get(3));
            return new Answer(read(why::look) + why.answer(), true);
        }
        if (verb.equals("try") && question.size() > 1) {
            var policy = OtherPolicy.of(question.subList(1, question.size()));
            var course = new Course();
            var passedOver = read(course::look);
            return new Answer(
                    passedOver
                            + (course.isEmpty()
                                    ? "no cycle was kept yet%n".formatted()
                                    : new Comparison(course, policy).answer()),
                    true);
        }
        throw new IllegalArgumentException(
                "'replay %s' is no question; there are%n%s".formatted(String.join(" ", question), USAGE));
    }

    /** Returns what had to be passed over, a line each. */
    private String read(Consumer<KeptCycle> look) throws IOException {
        var passedOver = new Recording(look).readAll(Files.newInputStream(file));
        var text = new StringBuilder();
        passedOver.forEach(each -> text.append("passed over: ").append(each).append('\n'));
        return text.toString();
    }
}
