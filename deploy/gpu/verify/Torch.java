import java.io.IOException;

/** ResNet-50 in FP16 beside the same network in PyTorch, run eagerly in FP32, where the machine has PyTorch with CUDA. */
final class Torch {
    private static final int BATCH = 32;

    private Torch() {}

    static void compare(Setting setting, Outcome outcome) throws IOException, InterruptedException {
        var what = "ResNet-50 in FP16 beside PyTorch's eager FP32 (wanted: at least 3 times as fast)";
        if (setting.rehearsal()) {
            outcome.skip(what, "a rehearsal has no GPU for PyTorch");
            return;
        }
        Command eager;
        try {
            eager = Command.run("python3", setting.folder().resolve("torch_eager.py").toString(), Integer.toString(BATCH), Integer.toString(setting.seconds()));
        } catch (IOException missing) {
            outcome.skip(what, "there is no python3");
            return;
        }
        if (eager.code() != 0) {
            outcome.skip(what, eager.said());
            return;
        }
        var told = Json.read(eager.out());
        double perSecond = Json.number(told, "per_second");
        try (var agent = new ServedAgent(setting, served(setting))) {
            var tensors = Tensors.of(setting, "resnet50", "resnet50-fp16");
            double served = BATCH * Serving.rate(Serving.load(setting, agent, tensors, BATCH, 4, Serving.Way.SYSTEM_MEMORY));
            outcome.see("PyTorch " + Json.at(told, "version") + ", TF32 in convolutions as PyTorch has it by default");
            outcome.figure("PyTorch eager FP32, batch " + BATCH, perSecond, "samples/s");
            outcome.figure("served FP16, batch " + BATCH, served, "samples/s");
            outcome.atLeast("FP16 beside PyTorch's eager FP32", served / perSecond, "times", 3);
        }
    }

    private static java.nio.file.Path served(Setting setting) throws IOException {
        var repository = setting.fresh("beside-pytorch");
        Tensors.place(repository, "resnet50-fp16", setting.engine("resnet50", "fp16").resolve("model.plan"), Serving.config(2));
        return repository;
    }
}
