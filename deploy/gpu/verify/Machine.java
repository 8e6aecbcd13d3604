import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the suite runs on. Without a GPU nothing that follows can be had, which is said once and exactly. */
final class Machine {
    private Machine() {}

    static void look(Setting setting, Outcome outcome) throws IOException, InterruptedException {
        outcome.see("processor: " + processor() + ", " + Runtime.getRuntime().availableProcessors() + " cores");
        outcome.see("kernel: " + System.getProperty("os.name") + " " + System.getProperty("os.version"));
        var backends = Command.run(setting.agent(), "--list-backends");
        backends.out().lines().filter(line -> line.startsWith("onnxruntime ")).forEach(outcome::see);
        var tensorRt = backends.out().lines().filter(line -> line.startsWith("tensorrt ")).findFirst().orElse(backends.said());
        // "available" ends the line of what is; a reason ends the other
        outcome.check(tensorRt.endsWith(" available"), tensorRt);
        if (!setting.rehearsal()) {
            gpus(outcome);
        }
    }

    private static void gpus(Outcome outcome) throws InterruptedException {
        try {
            var told = Command.run("nvidia-smi", "--query-gpu=name,memory.total,driver_version,clocks.max.sm,power.limit", "--format=csv,noheader");
            told.out().lines().forEach(line -> outcome.see("GPU: " + line));
        } catch (IOException missing) {
            outcome.skip("the GPU's name and clocks", "there is no nvidia-smi");
        }
    }

    private static String processor() throws IOException {
        return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .findFirst()
                .map(line -> line.replaceFirst(".*:\\s*", ""))
                .orElse("unknown");
    }
}
