import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/** What models may have of a GPU besides a plan: plugins, weights in the host's memory, memory of their callers. */
final class Devices {
    private static final String MODEL = "digits";
    /** Its weights are more than what streaming takes besides. */
    private static final String STREAMED = "transformer";

    private Devices() {}

    /** Libraries are loaded, and refused by name. */
    static void plugins(Setting setting, Outcome outcome) throws IOException, InterruptedException {
        var folder = javaLibraries(setting);
        var library = folder.resolve("libzip.so"); // any library that loads
        var listed = Command.run(setting.agent(), "--list-backends", "--tensorrt-plugin=" + library);
        outcome.check(listed.out().contains("plugins of libzip.so"), "--list-backends shows what was loaded: " + tensorRt(listed));
        var nvidia = setting.folder().resolve("lib").resolve("libnvinfer_plugin.so.11");
        if (Files.exists(nvidia)) {
            listed = Command.run(setting.agent(), "--list-backends", "--tensorrt-plugin=" + nvidia);
            outcome.check(listed.out().contains("plugins of libnvinfer_plugin.so.11"), "NVIDIA's own plugins are loaded: " + tensorRt(listed));
        } else {
            outcome.skip("NVIDIA's own plugins", "there is no " + nvidia);
        }
        var text = Files.writeString(setting.fresh("plugins").resolve("libtext.so"), "text");
        var refused = Command.run(setting.agent(), "--list-backends", "--tensorrt-plugin=" + text);
        outcome.check(refused.out().contains("PLUGIN_UNLOADABLE: " + text), "what is no library is named: " + tensorRt(refused));

        var repository = setting.fresh("with-plugins");
        place(setting, repository, "named", "plugins", "libzip.so");
        place(setting, repository, "missing", "plugins", "libgone.so");
        place(setting, repository, "outside", "plugins", "../libzip.so");
        try (var agent = new ServedAgent(setting, repository, "--tensorrt-plugin-folder=" + folder, "--exit-on-error=false")) {
            var index = agent.index();
            outcome.check(agent.isReady("named"), "a model whose library is in an allowed folder is served");
            outcome.check(index.contains("PLUGIN_MISSING: 'libgone.so'"), "a library that is missing is named");
            outcome.check(index.contains("PLUGIN_NOT_ALLOWED: '../libzip.so'"), "a library outside is not loaded");
        }
    }

    private static Path javaLibraries(Setting setting) throws IOException {
        return Path.of(setting.java()).toRealPath().getParent().resolveSibling("lib");
    }

    private static String tensorRt(Command listed) {
        return listed.out().lines().filter(line -> line.startsWith("tensorrt ")).findFirst().orElse(listed.said());
    }

    private static void place(Setting setting, Path repository, String model, String parameter, String value) throws IOException {
        place(repository, model, setting.engine(MODEL, "fp32").resolve("model.plan"), parameter, value);
    }

    private static void place(Path repository, String model, Path plan, String parameter, String value) throws IOException {
        Tensors.place(repository, model, plan, Serving.config(1) + "parameters { key: \"" + parameter + "\" value { string_value: \"" + value + "\" } }\n");
    }

    /** The same answers with all, half and none of the weights on the GPU, and less of its memory each time. */
    static void weightStreaming(Setting setting, Outcome outcome) throws IOException, InterruptedException {
        var built = setting.work().resolve("engines").resolve(STREAMED + "-streaming");
        var done = Command.engine(
                setting, "build", setting.converted(STREAMED, "fp32"), "--samples", setting.models().resolve(STREAMED + ".npz"), "--max-batch", Setting.BATCH,
                "--cache", setting.cache(), "--output", built, "--replace", "--weight-streaming", setting.leniently());
        if (done.code() != 0) {
            outcome.fail("an engine with weight streaming: " + done.said());
            return;
        }
        var repository = setting.fresh("streaming");
        var budgets = List.of("100%", "50%", "0", "automatic");
        for (int i = 0; i < budgets.size(); i++) {
            place(repository, "w" + i, built.resolve("model.plan"), "weight_streaming_budget", budgets.get(i));
        }
        place(setting, repository, "plain", "weight_streaming_budget", "50%");
        try (var agent = new ServedAgent(setting, repository, "--exit-on-error=false")) {
            double before = Double.MAX_VALUE;
            for (int i = 0; i < budgets.size(); i++) {
                double error = answer(setting, agent, STREAMED, "w" + i);
                outcome.check(error < 50, "with a budget of " + budgets.get(i) + " it answers as ONNX Runtime does");
                double holds = holds(agent, "w" + i);
                outcome.figure("memory of the GPU with a budget of " + budgets.get(i), holds / (1 << 20), "MiB");
                if (i < 3) {
                    outcome.check(holds < before, "it holds less than with more of its weights on the GPU: " + (long) holds + " bytes");
                    before = holds;
                }
            }
            outcome.check(agent.index().contains("WEIGHTS_NOT_STREAMABLE: 'plain'"), "a plan that was not built for it is refused");
        }
    }

    /** How far the answer is from ONNX Runtime's, in per cent. */
    private static double answer(Setting setting, ServedAgent agent, String kind, String model) throws IOException, InterruptedException {
        var tensors = Tensors.of(setting, kind, model);
        return tensors.error(agent.answer(tensors, 3));
    }

    private static double holds(ServedAgent agent, String model) throws IOException, InterruptedException {
        var told = Pattern.compile("shusuan_model_gpu_memory_bytes\\{model=\"" + model + "\",[^}]*} (\\d+)").matcher(agent.metrics());
        return told.find() ? Double.parseDouble(told.group(1)) : Double.MAX_VALUE;
    }

    /** A caller's own memory of the GPU is used; what is no memory of a living process is refused by CUDA's own words, and all goes on. */
    static void sharedMemory(Setting setting, Outcome outcome) throws IOException, InterruptedException {
        var repository = setting.fresh("shared");
        Tensors.place(repository, "m", setting.engine(MODEL, "fp32").resolve("model.plan"), Serving.config(1));
        try (var agent = new ServedAgent(setting, repository)) {
            used(agent, outcome, Tensors.of(setting, MODEL, "m"));
            refused(agent, outcome, new byte[64], 0, "cudaIpcOpenMemHandle failed", "a handle of nobody's memory");
            refused(agent, outcome, new byte[64], 99, "there is no GPU 99", "a GPU that is not there");
            refused(agent, outcome, new byte[12], 0, "must be a valid base64 encoded cudaIpcMemHandle_t", "a handle that is none");
            double error = answer(setting, agent, MODEL, "m");
            outcome.check(error < 50, "after that it answers as before");
        }
    }

    /** By a caller that allocates it, as this process does. */
    private static void used(ServedAgent agent, Outcome outcome, Tensors tensors) throws IOException, InterruptedException {
        int batch = 3;
        var request = new String(tensors.requestInMemory(batch, "in", "out"));
        byte[] gone;
        try (var shared = SharedTensors.ofCuda(agent, tensors, batch)) {
            var answer = agent.post("/v2/models/m/infer", request);
            outcome.check(
                    answer.statusCode() == 200 && tensors.error(Tensors.floats(shared.answer(), 0)) < 50,
                    "tensors in a caller's memory of the GPU are read and answered there: " + answer.statusCode());
        }
        var answer = agent.post("/v2/models/m/infer", request);
        outcome.check(answer.statusCode() == 404, "memory that was unregistered is gone: " + answer.statusCode() + " " + answer.body().strip());
        try (var memory = CudaMemory.allocate(0, 1)) {
            gone = memory.handle();
            refused(agent, outcome, gone, 0, CudaMemory.size(1) + 1, "the memory of the handle has", "a region beyond the end of its memory");
        }
        refused(agent, outcome, gone, 0, "cudaIpcOpenMemHandle failed", "memory that its owner has freed");
    }

    private static void refused(ServedAgent agent, Outcome outcome, byte[] handle, int gpu, String why, String what) throws IOException, InterruptedException {
        refused(agent, outcome, handle, gpu, 4, why, what);
    }

    private static void refused(ServedAgent agent, Outcome outcome, byte[] handle, int gpu, long bytes, String why, String what) throws IOException, InterruptedException {
        var answer = agent.post(
                "/v2/cudasharedmemory/region/r/register",
                "{\"raw_handle\":{\"b64\":\"" + Base64.getEncoder().encodeToString(handle) + "\"},\"device_id\":" + gpu + ",\"byte_size\":" + bytes + "}");
        outcome.check(answer.statusCode() == 400 && answer.body().contains(why), what + " is refused: " + answer.statusCode() + " " + answer.body().strip());
    }
}
