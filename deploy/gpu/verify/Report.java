import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * All outcomes as JSON and as a page. A rehearsal's has no figures: its steps ran, and what they measured was ONNX Runtime on a processor,
 * which nobody shall take for a GPU's.
 */
final class Report {
    private static final String REHEARSAL = "This is a rehearsal. ONNX Runtime ran on a processor in TensorRT's place, with models of a fraction of the size."
            + " It shows that every step works up to the calls of CUDA and TensorRT, and nothing of any GPU.";

    private final Setting setting;
    private final List<Outcome> outcomes;
    private final List<String> missing;
    private final Instant now = Instant.now();

    Report(Setting setting, List<Outcome> outcomes, List<String> steps) {
        this.setting = setting;
        this.outcomes = List.copyOf(outcomes);
        var ran = outcomes.stream().map(outcome -> (String) outcome.fields().get("step")).toList();
        this.missing = steps.stream().filter(step -> !ran.contains(step)).toList();
    }

    boolean failed() {
        return outcomes.stream().anyMatch(outcome -> !outcome.passed());
    }

    static String number(double value) {
        return Math.abs(value) >= 1000 || value == Math.rint(value) ? String.format(Locale.ROOT, "%.0f", value) : String.format(Locale.ROOT, "%.3g", value);
    }

    void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        var name = name();
        Files.writeString(folder.resolve(name + ".json"), Json.write(fields()));
        Files.writeString(folder.resolve(name + ".md"), page());
        System.err.println("report: " + folder.resolve(name + ".md"));
        System.err.println(setting.rehearsal() ? REHEARSAL : summary());
    }

    /** By GPU and day: several machines' reports lie side by side. */
    private String name() {
        var day = DateTimeFormatter.ISO_LOCAL_DATE.withZone(ZoneOffset.UTC).format(now);
        var gpu = gpu().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
        return (setting.rehearsal() ? "rehearsal" : gpu) + "-" + day;
    }

    private String gpu() {
        return seen("machine").stream()
                .filter(line -> line.startsWith("GPU: "))
                .map(line -> line.substring(5).replaceFirst(",.*", ""))
                .findFirst()
                .orElse("unknown GPU");
    }

    private List<String> seen(String step) {
        return outcomes.stream()
                .filter(outcome -> outcome.fields().get("step").equals(step))
                .flatMap(outcome -> list(outcome, "seen").stream())
                .map(String.class::cast)
                .toList();
    }

    private static List<?> list(Outcome outcome, String name) {
        return (List<?>) outcome.fields().get(name);
    }

    private List<Map<?, ?>> figures(Outcome outcome) {
        var figures = new ArrayList<Map<?, ?>>();
        for (var figure : list(outcome, "figures")) {
            figures.add((Map<?, ?>) figure);
        }
        return figures;
    }

    private String summary() {
        long met = count("met");
        return outcomes.stream().filter(Outcome::passed).count() + " of " + (outcomes.size() + missing.size()) + " steps passed; "
                + met + " of " + (met + count("MISSED")) + " wanted figures are met"
                + (missing.isEmpty() ? "" : "; not run: " + String.join(", ", missing));
    }

    private long count(String verdict) {
        return outcomes.stream().flatMap(outcome -> figures(outcome).stream()).filter(figure -> verdict.equals(figure.get("verdict"))).count();
    }

    private Map<String, Object> fields() {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("rehearsal", setting.rehearsal());
        fields.put("gpu", setting.rehearsal() ? "none" : gpu());
        fields.put("at", now.toString());
        fields.put("machine", seen("machine"));
        fields.put("notRun", missing);
        fields.put("steps", outcomes.stream().map(this::shown).toList());
        return fields;
    }

    /** Of a rehearsal the names of the figures alone. */
    private Map<String, Object> shown(Outcome outcome) {
        var shown = new LinkedHashMap<>(outcome.fields());
        shown.put("passed", outcome.passed());
        if (setting.rehearsal()) {
            shown.remove("figures");
            shown.put("rehearsedFigures", figures(outcome).stream().map(figure -> (Object) String.valueOf(figure.get("name"))).toList());
        }
        return shown;
    }

    private String page() {
        var page = new StringBuilder("# " + (setting.rehearsal() ? "Rehearsal of the verification, without a GPU" : "Verified on " + gpu()) + "\n\n");
        page.append(setting.rehearsal() ? REHEARSAL : summary() + ".").append("\n\n").append(now).append("\n\n");
        for (var outcome : outcomes) {
            page.append("## ").append(outcome.fields().get("step")).append(": ").append(outcome.state()).append("\n\n");
            list(outcome, "failures").forEach(failure -> page.append("- **failed**: ").append(failure).append('\n'));
            list(outcome, "seen").forEach(seen -> page.append("- ").append(seen).append('\n'));
            for (var skipped : list(outcome, "skipped")) {
                var fields = (Map<?, ?>) skipped;
                page.append("- *skipped*: ").append(fields.get("what")).append(": ").append(fields.get("why")).append('\n');
            }
            page.append('\n');
            table(page, figures(outcome));
        }
        if (!missing.isEmpty()) {
            page.append("Not run: ").append(String.join(", ", missing)).append(".\n");
        }
        return page.toString();
    }

    private void table(StringBuilder page, List<Map<?, ?>> figures) {
        if (figures.isEmpty()) {
            return;
        }
        if (setting.rehearsal()) {
            page.append("Rehearsed, without a value: ").append(String.join("; ", figures.stream().map(figure -> String.valueOf(figure.get("name"))).toList())).append(".\n\n");
            return;
        }
        page.append("| | value | wanted | |\n|---|---|---|---|\n");
        for (var figure : figures) {
            page.append("| ").append(figure.get("name")).append(" | ").append(number((Double) figure.get("value"))).append(' ').append(figure.get("unit"))
                    .append(" | ").append(figure.get("wanted")).append(" | ").append(figure.get("verdict")).append(" |\n");
        }
        page.append('\n');
    }
}
