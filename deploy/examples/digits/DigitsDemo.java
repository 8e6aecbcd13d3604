import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Sends handwritten digits that training has never seen to the served model, and counts how many it reads right.
 *
 * <p>{@code java DigitsDemo.java --url http://127.0.0.1:8080/serve/digits-serve --token TOKEN --images
 * digits-test.csv.gz} succeeds when at least 95 % are right. The token may also come as environment SHUSUAN_TOKEN,
 * where other users of the machine do not see it.
 */
final class DigitsDemo {

    private static final int REQUIRED_PERCENT = 95;
    private static final int PICTURES_DRAWN = 3;

    /** Enough for connections to open and both sides to compile; these requests are not counted. */
    private static final int WARM_UP_REQUESTS = 50;

    private static final int FAILED = 1;
    private static final int LARGEST_PORT = 65_535;

    /** UTF-8 whatever the locale says, for the marks behind the predictions. */
    private static final PrintStream OUT =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

    private DigitsDemo() {}

    static void main(String[] words) {
        try {
            if (!demonstrate(Arguments.parse(words, List.of("--url", "--token", "--images")))) {
                System.exit(FAILED);
            }
        } catch (Fault fault) {
            System.err.println("digits-demo: " + fault.getMessage());
            System.exit(FAILED);
        }
    }

    private static boolean demonstrate(Arguments arguments) {
        var digits = Digit.readAll(Path.of(arguments.find("--images").orElse("digits-test.csv.gz")));
        try (var model = new ModelClient(service(arguments), arguments.find("--token", "SHUSUAN_TOKEN"))) {
            for (int request = 0; request < WARM_UP_REQUESTS; request++) {
                model.ask(digits.get(request % digits.size()));
            }
            return judge(digits, model);
        }
    }

    private static boolean judge(List<Digit> digits, ModelClient model) {
        int right = 0;
        var milliseconds = new ArrayList<Double>();
        for (int index = 0; index < digits.size(); index++) {
            var digit = digits.get(index);
            if (index < PICTURES_DRAWN) {
                OUT.println(digit.drawn());
            }
            var answer = model.ask(digit);
            boolean correct = answer.digit() == digit.label();
            right += correct ? 1 : 0;
            milliseconds.add(answer.milliseconds());
            OUT.println(String.format(
                    Locale.ROOT,
                    "image %3d  prediction %d  truth %d  %s  %.1f ms",
                    index + 1,
                    answer.digit(),
                    digit.label(),
                    correct ? "✓" : "✗",
                    answer.milliseconds()));
        }

        // Rounded down: what is shown as 0.95 has passed.
        int percent = 100 * right / digits.size();
        OUT.println(String.format(
                Locale.ROOT,
                "accuracy %.2f over %d images, p50 %.1f ms",
                percent / 100.0,
                digits.size(),
                median(milliseconds)));
        return percent >= REQUIRED_PERCENT;
    }

    private static double median(List<Double> values) {
        var sorted = values.stream().sorted().toList();
        return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
    }

    private static URI service(Arguments arguments) {
        var url = arguments
                .find("--url")
                .orElseThrow(() -> new Fault("no service given: --url http://127.0.0.1:8080/serve/digits-serve"));
        try {
            var service = URI.create(url);
            if (List.of("http", "https").contains(service.getScheme())
                    && service.getHost() != null
                    && service.getPort() <= LARGEST_PORT) {
                return service;
            }
        } catch (IllegalArgumentException _) {
            // said below, as for a URL without a scheme, host or port to reach
        }
        throw new Fault("--url must be an http or https address, found '" + url + "'");
    }
}
