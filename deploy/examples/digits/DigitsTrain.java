import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Trains a small network to read handwritten digits and writes it as a model repository that an inference server loads.
 *
 * <p>Run it from source, {@code java DigitsTrain.java --output models}, or by {@code bin/digits-train}.
 */
final class DigitsTrain {

    private static final int CANNOT_RUN = 2;

    private DigitsTrain() {}

    static void main(String[] words) {
        if (List.of(words).contains("--help")) {
            say(TrainingOptions.USAGE);
            return;
        }
        try {
            train(TrainingOptions.parse(words));
        } catch (Fault fault) {
            System.err.println("digits-train: " + fault.getMessage());
            System.exit(CANNOT_RUN);
        }
    }

    private static void train(TrainingOptions options) {
        var repository = new ModelRepository(options.output());
        var training = new Training(Digit.readAll(options.data()), options.epochs(), options.seed());
        say("training on %d images, watching %d others, seed %d"
                .formatted(training.lessons(), training.validation().size(), options.seed()));

        for (int epoch = 1; epoch <= options.epochs(); epoch++) {
            var progress = training.epoch(epoch);
            say("epoch %d/%d loss %.4f validation accuracy %.4f"
                    .formatted(epoch, options.epochs(), progress.loss(), progress.validationAccuracy()));
        }

        say("samples " + repository.publishSamples("digits", NumpyArchive.of("image", training.validation())));
        var onnx = OnnxModel.of(training.network());
        say("model " + repository.publish("digits", 1, onnx));
        say("sha256 " + sha256(onnx));
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }

    /** A line at once, so that whoever follows the log sees training as it goes. */
    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
