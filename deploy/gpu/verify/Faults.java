import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What is wrong is refused by name, and everything else goes on. */
final class Faults {
    private static final int HUNGRY_INSTANCES = 512;

    private Faults() {}

    /** A build that is killed leaves nothing; an entry that is damaged is built again. */
    static void killedBuild(Setting setting, Outcome outcome) throws IOException, InterruptedException {
        var cache = setting.fresh("killed");
        var words = List.of(
                setting.agent(), "engine", "build", setting.models().resolve("resnet50.onnx").toString(), "--max-batch=8",
                "--cache=" + cache, "--min-speedup=0", "--max-error=100");
        var build = new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(setting.work().resolve("killed.log").toFile()).start();
        while (hidden(cache) == 0 && build.isAlive()) {
            Thread.sleep(5);
        }
        outcome.check(build.isAlive(), "a build was under way");
        build.destroyForcibly();
        build.waitFor(1, TimeUnit.MINUTES);
        outcome.check(entries(cache).isEmpty() && hidden(cache) > 0, "it was killed half-way and no entry of the cache is there");
        var again = Command.run(words);
        outcome.check(again.code() == 0 && entries(cache).size() == 1 && hidden(cache) == 0, "the next build makes the entry and clears what was left: " + again.said());
        var plan = entries(cache).getFirst().resolve("model.plan");
        try (var file = new RandomAccessFile(plan.toFile(), "rw")) {
            file.seek(file.length() / 2);
            int was = file.read();
            file.seek(file.length() / 2);
            file.write(was ^ 0xFF);
        }
        var damaged = Files.getLastModifiedTime(plan);
        var mended = Command.run(words);
        outcome.check(mended.code() == 0 && !Files.getLastModifiedTime(plan).equals(damaged), "a damaged entry is built again: " + mended.said());
    }

    /** Folders of builds that are not finished. */
    private static long hidden(Path cache) throws IOException {
        try (var all = Files.list(cache)) {
            return all.filter(Files::isDirectory).filter(each -> each.getFileName().toString().startsWith(".")).count();
        }
    }

    private static List<Path> entries(Path cache) throws IOException {
        try (var all = Files.list(cache)) {
            return all.filter(Files::isDirectory).filter(each -> !each.getFileName().toString().startsWith(".")).toList();
        }
    }

    static void wrongModels(Setting setting, Outcome outcome) throws IOException, InterruptedException {
        var folder = setting.fresh("wrong");
        var whole = Files.readAllBytes(setting.models().resolve("digits.onnx"));
        var truncated = Files.write(folder.resolve("truncated.onnx"), Arrays.copyOf(whole, whole.length / 2));
        var large = folder.resolve("large.onnx");
        try (var file = new RandomAccessFile(large.toFile(), "rw")) {
            file.setLength((2L << 30) + 1); // a hole, which takes no room
        }
        var cache = "--cache=" + folder.resolve("cache");
        var digits = setting.models().resolve("digits.onnx");
        var samples = setting.models().resolve("digits.npz");
        refused(setting, outcome, "UNKNOWN_OPERATOR", "build", setting.models().resolve("unknown.onnx"), cache);
        refused(setting, outcome, "NOT_ONNX", "build", truncated, cache);
        refused(setting, outcome, "EXTERNAL_DATA_MISSING", "build", setting.models().resolve("missing.onnx"), cache);
        refused(setting, outcome, "EXTERNAL_DATA_OUTSIDE", "build", setting.models().resolve("outside.onnx"), cache);
        refused(setting, outcome, "PROFILE_MISMATCH", "build", digits, cache, "--profile=INPUT0=1x3x8x8");
        refused(setting, outcome, "TOO_LARGE", "convert", large, "--to=fp16", "--samples", samples, "--output", folder.resolve("large"));
        refused(setting, outcome, "SAMPLES_MISMATCH", "convert", digits, "--to=int8", "--samples", setting.models().resolve("mismatch.npz"),
                "--output", folder.resolve("mismatch"));
        Files.delete(large);
    }

    private static void refused(Setting setting, Outcome outcome, String code, Object... words) throws IOException, InterruptedException {
        var done = Command.engine(setting, words);
        outcome.check(done.code() == 1 && done.err().contains(code + ": "), code + ": " + done.said());
    }

    static void wrongPlans(Setting setting, Outcome outcome) throws IOException, InterruptedException {
        var good = setting.engine("digits", "fp32").resolve("model.plan");
        var repository = setting.fresh("wrong-plans");
        var version = Tensors.place(repository, "bad", null, "backend: \"tensorrt\"\ninstance_group [ { kind: KIND_GPU } ]\n");
        Files.copy(good, version.resolve("model.plan"));
        Tensors.place(repository, "good", good, Serving.config(1));
        var tensors = Tensors.of(setting, "digits", "good");
        try (var agent = new ServedAgent(setting, repository); var callers = new Callers(agent, tensors, 2)) {
            byte[] whole = Files.readAllBytes(good);
            refused(agent, outcome, version, Arrays.copyOf(whole, whole.length / 2), "a truncated plan", "PLAN_CORRUPT");
            byte[] headless = whole.clone();
            Arrays.fill(headless, 0, 64, (byte) 0);
            refused(agent, outcome, version, headless, "a plan whose beginning is overwritten", "PLAN_CORRUPT");
            foreign(setting, agent, outcome, version, whole);
            Files.write(version.resolve("model.plan"), whole);
            outcome.check(agent.load("bad").statusCode() == 200, "the whole plan is loaded again");
            hungry(setting, agent, outcome, repository);
            var misshapen = agent.post("/v2/models/good/infer", "{\"inputs\":[{\"name\":\"INPUT0\",\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[1,2]}]}");
            outcome.check(misshapen.statusCode() == 400, "a request of a wrong shape: " + misshapen.statusCode() + " " + misshapen.body().strip());
            callers.awaitMore(5);
            callers.close();
            callers.tell(outcome, "all of these faults, of the model beside them");
        }
    }

    private static void refused(ServedAgent agent, Outcome outcome, Path version, byte[] plan, String what, String code)
            throws IOException, InterruptedException {
        Files.write(version.resolve("model.plan"), plan);
        var answer = agent.load("bad");
        outcome.check(answer.statusCode() >= 400 && answer.body().contains(code), what + ": " + answer.statusCode() + " " + answer.body().strip());
        outcome.check(agent.isReady("bad"), "what was there before " + what + " serves on");
    }

    /** Of the stand-in's plans the beginning is known; real ones must have been made elsewhere. */
    private static void foreign(Setting setting, ServedAgent agent, Outcome outcome, Path version, byte[] whole) throws IOException, InterruptedException {
        if (setting.rehearsal()) {
            int versionAt = 2 + "STAND-IN FOR TENSORRT".length();
            byte[] newer = whole.clone();
            newer[versionAt + 3] = 9;
            refused(agent, outcome, version, newer, "a plan of another version", "PLAN_OTHER_VERSION");
            byte[] elsewhere = whole.clone();
            elsewhere[versionAt + 4 + 2 + 3] = '9';
            refused(agent, outcome, version, elsewhere, "a plan for another GPU", "PLAN_OTHER_GPU");
            return;
        }
        foreign(setting, agent, outcome, version, "other-version.plan", "PLAN_OTHER_VERSION");
        foreign(setting, agent, outcome, version, "other-gpu.plan", "PLAN_OTHER_GPU");
    }

    private static void foreign(Setting setting, ServedAgent agent, Outcome outcome, Path version, String name, String code)
            throws IOException, InterruptedException {
        var plan = setting.folder().resolve("foreign").resolve(name);
        if (Files.exists(plan)) {
            refused(agent, outcome, version, Files.readAllBytes(plan), name, code);
        } else {
            outcome.skip("a foreign plan: " + code, "nobody has put one at foreign/" + name + "; one GPU and one TensorRT cannot make it");
        }
    }

    /** So many instances that their memory cannot be had. */
    private static void hungry(Setting setting, ServedAgent agent, Outcome outcome, Path repository) throws IOException, InterruptedException {
        var plan = setting.engine("resnet50", "fp32").resolve("model.plan");
        Tensors.place(repository, "hungry", plan, Serving.config(HUNGRY_INSTANCES));
        var answer = agent.load("hungry");
        if (answer.statusCode() == 200 && !setting.rehearsal()) {
            outcome.skip("no memory on the device", "this GPU has room for " + HUNGRY_INSTANCES + " instances of ResNet-50");
            agent.post("/v2/repository/models/hungry/unload", "{}");
            return;
        }
        outcome.check(answer.statusCode() >= 400 && answer.body().contains("memory"),
                "no memory on the device: " + answer.statusCode() + " " + answer.body().strip());
    }
}
