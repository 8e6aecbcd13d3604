import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What became of a step: what it saw, what it measured, what it left out and why, and what was wrong. */
final class Outcome {
    private final Map<String, Object> fields = new LinkedHashMap<>();
    private final List<Object> seen = new ArrayList<>();
    private final List<Object> figures = new ArrayList<>();
    private final List<Object> skipped = new ArrayList<>();
    private final List<Object> failures = new ArrayList<>();

    Outcome(String step) {
        fields.put("step", step);
        fields.put("seconds", 0.0);
        fields.put("seen", seen);
        fields.put("figures", figures);
        fields.put("skipped", skipped);
        fields.put("failures", failures);
    }

    void see(String what) {
        System.err.println("   " + what);
        seen.add(what);
    }

    void fail(String why) {
        System.err.println("   FAILED: " + why);
        failures.add(why);
    }

    void skip(String what, String why) {
        System.err.println("   skipped: " + what + ": " + why);
        skipped.add(Map.of("what", what, "why", why));
    }

    void check(boolean good, String what) {
        if (good) {
            see(what);
        } else {
            fail("not so: " + what);
        }
    }

    /** A figure that nothing was asked of. */
    void figure(String name, double value, String unit) {
        figures.add(figure(name, value, unit, "", ""));
    }

    /** A figure that is to be so large at least. */
    void atLeast(String name, double value, String unit, double wanted) {
        figures.add(figure(name, value, unit, "at least " + Report.number(wanted), value >= wanted ? "met" : "MISSED"));
    }

    void atMost(String name, double value, String unit, double wanted) {
        figures.add(figure(name, value, unit, "at most " + Report.number(wanted), value <= wanted ? "met" : "MISSED"));
    }

    private static Map<String, Object> figure(String name, double value, String unit, String wanted, String verdict) {
        var figure = new LinkedHashMap<String, Object>();
        figure.put("name", name);
        figure.put("value", value);
        figure.put("unit", unit);
        figure.put("wanted", wanted);
        figure.put("verdict", verdict);
        System.err.println("   " + name + ": " + Report.number(value) + " " + unit + (wanted.isEmpty() ? "" : ", wanted " + wanted + ": " + verdict));
        return figure;
    }

    void took(double seconds) {
        fields.put("seconds", Math.round(seconds * 10) / 10.0);
    }

    boolean passed() {
        return failures.isEmpty();
    }

    String state() {
        return passed() ? "passed in " + fields.get("seconds") + " s" : "FAILED";
    }

    Map<String, Object> fields() {
        return fields;
    }

    void keep(Setting setting) throws IOException {
        Files.createDirectories(setting.work());
        Files.writeString(file(setting, (String) fields.get("step")), Json.write(fields));
    }

    @SuppressWarnings("unchecked") // as it was written
    static Optional<Outcome> kept(Setting setting, String step) throws IOException {
        var file = file(setting, step);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        var read = Json.read(Files.readString(file));
        var outcome = new Outcome(step);
        outcome.fields.put("seconds", read.get("seconds"));
        outcome.seen.addAll((List<Object>) read.get("seen"));
        outcome.figures.addAll((List<Object>) read.get("figures"));
        outcome.skipped.addAll((List<Object>) read.get("skipped"));
        outcome.failures.addAll((List<Object>) read.get("failures"));
        return Optional.of(outcome);
    }

    private static Path file(Setting setting, String step) {
        return setting.work().resolve(step + ".json");
    }
}
