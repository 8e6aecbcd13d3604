import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** What the node agent tells of the machine's GPUs, beside what nvidia-smi tells, with an engine at work on the first of them. */
final class Node {
    private static final String JOB = "00000000-0000-4000-8000-000000000001";
    private static final int PATIENCE_SECONDS = 60;
    /** nvidia-smi counts what the driver keeps otherwise. */
    private static final double MEMORY_MAY_DIFFER = 0.03;

    private final Setting setting;
    private final Outcome outcome;
    private final LinkedBlockingQueue<Object> reports = new LinkedBlockingQueue<>();

    private Node(Setting setting, Outcome outcome) {
        this.setting = setting;
        this.outcome = outcome;
    }

    static void tell(Setting setting, Outcome outcome) throws IOException, InterruptedException {
        new Node(setting, outcome).tell();
    }

    private void tell() throws IOException, InterruptedException {
        var plane = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        plane.createContext("/", exchange -> {
            reports.add(Json.at(Json.read(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)), "node"));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        plane.start();
        try (var agent = ServedAgent.ofNode(setting, "http://127.0.0.1:" + plane.getAddress().getPort() + "/api/v1/agents")) {
            var first = reported(node -> !gpus(node).isEmpty() || Json.at(node, "gpuProblem").toString().contains("libnvidia-ml"));
            outcome.check(Json.number(first, "cores") > 0 && Json.number(first, "memoryUsedBytes") > 0, "processor and memory are told");
            if (setting.rehearsal() && gpus(first).isEmpty()) {
                outcome.check(Json.at(first, "gpuProblem").toString().startsWith("libnvidia-ml.so.1 cannot be loaded"),
                        "why there are no GPUs is told: " + Json.at(first, "gpuProblem"));
                outcome.check(!agent.metrics().contains("nv_gpu_utilization{"), "no metrics of GPUs are made up");
                return;
            }
            besideNvidiaSmi(first, agent.metrics());
            if (!setting.rehearsal()) {
                atWork();
            }
        } finally {
            plane.stop(0);
        }
    }

    private Object reported(Predicate<Object> wanted) throws IOException, InterruptedException {
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS); System.nanoTime() < end; ) {
            var report = reports.poll(1, TimeUnit.SECONDS);
            if (report != null && wanted.test(report)) {
                return report;
            }
        }
        throw new IOException("the node agent did not report what was waited for within " + PATIENCE_SECONDS + " s");
    }

    private static List<?> gpus(Object node) {
        return Json.at(node, "gpus") instanceof List<?> gpus ? gpus : List.of();
    }

    /** Each GPU with its name, memory and driver, and in the metrics under both families of names. */
    private void besideNvidiaSmi(Object node, String metrics) throws InterruptedException {
        Command told;
        try {
            told = Command.run("nvidia-smi", "--query-gpu=uuid,name,memory.total,driver_version", "--format=csv,noheader,nounits");
        } catch (IOException missing) {
            outcome.skip("what nvidia-smi tells", "there is no nvidia-smi");
            return;
        }
        var lines = told.out().strip().lines().toList();
        outcome.check(lines.size() == gpus(node).size(), "it tells of " + gpus(node).size() + " GPUs, as nvidia-smi does");
        for (var line : lines) {
            var fields = line.split(", ", -1);
            Object gpu = gpus(node).stream().map(Object.class::cast).filter(each -> Json.at(each, "uuid").equals(fields[0])).findFirst().orElse(Map.of());
            double mebibytes = Json.at(gpu, "memoryBytes") instanceof Double bytes ? bytes / (1 << 20) : 0;
            double wanted = Double.parseDouble(fields[2]);
            outcome.check(
                    Json.at(gpu, "name").equals(fields[1]) && Json.at(node, "driver").equals(fields[3])
                            && Math.abs(mebibytes - wanted) <= MEMORY_MAY_DIFFER * wanted,
                    "name, memory and driver are as nvidia-smi tells: " + line + "; " + Json.at(gpu, "name") + ", " + Report.number(mebibytes) + ", " + Json.at(node, "driver"));
            outcome.see("GPU " + Report.number(Json.number(gpu, "index")) + ": " + Json.at(gpu, "architecture") + " " + Json.at(gpu, "computeCapability") + ", "
                    + Json.at(gpu, "temperature") + " °C, " + Json.at(gpu, "powerWatts") + " W, NVLinks " + Json.at(gpu, "nvlinks") + ", paths "
                    + Json.at(gpu, "paths") + ", MIG " + Json.at(gpu, "migInstances") + ", faults " + Json.at(gpu, "faults"));
            outcome.check(metrics.contains("nv_gpu_memory_total_bytes{gpu_uuid=\"" + fields[0] + "\"}")
                            && metrics.contains("DCGM_FI_DEV_FB_TOTAL{gpu=\"" + Report.number(Json.number(gpu, "index")) + "\",UUID=\"" + fields[0] + "\""),
                    "the metrics have it as nv_gpu_… and DCGM_FI_DEV_…");
        }
    }

    /** A process on a GPU is seen, with its memory, and the job that its environment names. */
    private void atWork() throws IOException, InterruptedException {
        var builder = new ProcessBuilder(
                        setting.agent(), "engine", "profile", setting.engine("resnet50", "fp32").resolve("model.plan").toString(),
                        "--samples", setting.models().resolve("resnet50.npz").toString(), "--batch=" + Setting.BATCH, "--seconds=" + PATIENCE_SECONDS)
                .redirectErrorStream(true)
                .redirectOutput(setting.work().resolve("at-work.log").toFile());
        builder.environment().put("SHUSUAN_JOB_ID", JOB);
        var worker = builder.start();
        try {
            var seen = reported(node -> gpus(node).stream().anyMatch(gpu -> works(gpu, worker)));
            outcome.see("an engine at work is seen on its GPU, with its memory and its job: "
                    + gpus(seen).stream().filter(gpu -> works(gpu, worker)).map(gpu -> Json.at(gpu, "utilization") + " %").toList());
        } catch (IOException unseen) {
            outcome.fail("an engine at work is not seen on its GPU: " + unseen.getMessage()
                    + "; NVML tells the host's process ids, so in a container this step needs those (--pid=host)");
        } finally {
            worker.destroyForcibly().waitFor();
        }
    }

    private static boolean works(Object gpu, Process worker) {
        boolean busy = Json.at(gpu, "utilization") instanceof Double percent && percent > 0;
        return busy && Json.at(gpu, "processes") instanceof List<?> processes
                && processes.stream().anyMatch(process -> Json.at(process, "job").equals(JOB) && Json.at(process, "memoryBytes") instanceof Double
                        && Json.number(process, "pid") == worker.pid());
    }
}
