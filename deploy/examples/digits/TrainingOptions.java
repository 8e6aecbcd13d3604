import java.nio.file.Path;
import java.util.List;

/** What one training run is asked to do. */
record TrainingOptions(long seed, int epochs, Path data, Path output) {

    static final String USAGE = """
        usage: digits-train [--seed N] [--epochs N] [--data FILE] [--output DIR]

          --seed N      the same seed gives the same model, bit for bit; default: environment SEED, else 7
          --epochs N    how often training sees every image, 1 to 1000; default: 40
          --data FILE   gzipped CSV of 64 pixels and a label per line; default: digits-train.csv.gz
          --output DIR  the model repository to write to; default: $SHUSUAN_ARTIFACTS/models\
        """;

    private static final int MOST_EPOCHS = 1000;

    static TrainingOptions parse(String[] words) {
        var arguments = Arguments.parse(words, List.of("--seed", "--epochs", "--data", "--output"));
        return new TrainingOptions(
                number(
                        "the seed (--seed or SEED)",
                        arguments.find("--seed", "SEED").orElse("7")),
                epochs(arguments.find("--epochs").orElse("40")),
                Path.of(arguments.find("--data").orElse("digits-train.csv.gz")),
                arguments.find("--output").map(Path::of).orElseGet(TrainingOptions::modelsAmongArtifacts));
    }

    private static int epochs(String text) {
        long epochs = number("--epochs", text);
        if (epochs < 1 || epochs > MOST_EPOCHS) {
            throw new Fault("--epochs must be from 1 to %d, found %s".formatted(MOST_EPOCHS, text));
        }
        return (int) epochs;
    }

    private static Path modelsAmongArtifacts() {
        var artifacts = System.getenv("SHUSUAN_ARTIFACTS");
        if (artifacts == null || artifacts.isBlank()) {
            throw new Fault("no place for the model: give --output DIR or set SHUSUAN_ARTIFACTS");
        }
        return Path.of(artifacts).resolve("models");
    }

    private static long number(String what, String text) {
        try {
            return Long.parseLong(text.strip());
        } catch (NumberFormatException _) {
            throw new Fault("%s must be a whole number, found '%s'".formatted(what, text));
        }
    }
}
