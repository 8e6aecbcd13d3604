import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program that was run to its end. */
record Command(int code, String out, String err) {
    private static final int MINUTES = 30;

    static Command run(String... words) throws IOException, InterruptedException {
        return run(List.of(words));
    }

    static Command run(List<String> words) throws IOException, InterruptedException {
        var out = Files.createTempFile("verify-out", "");
        var err = Files.createTempFile("verify-err", "");
        try {
            var process = new ProcessBuilder(words).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
            process.getOutputStream().close();
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new IOException(words + " did not end within " + MINUTES + " minutes");
            }
            return new Command(process.exitValue(), text(out), text(err));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }

    /** {@code engine …} of the agent. */
    static Command engine(Setting setting, Object... words) throws IOException, InterruptedException {
        var all = new ArrayList<>(List.of(setting.agent(), "engine"));
        for (var word : words) {
            if (word instanceof List<?> more) {
                more.forEach(each -> all.add(each.toString()));
            } else {
                all.add(word.toString());
            }
        }
        return run(all);
    }

    /** The last lines it said. */
    String said() {
        var lines = (out + err).strip().lines().filter(line -> !line.startsWith("WARNING: ")).toList();
        return String.join(" | ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
    }
}
