package io.shusuan.agent.engine.command;

/** What the commands say of themselves. */
final class Help {
    static final String TEXT = """
            shusuan-agent engine: makes models faster, and shows that they are still right

              convert MODEL.onnx --to PRECISION --samples FILE --output FOLDER
                  converts, compares with the original on the samples, and writes FOLDER/model.onnx with its report
                --to PRECISION          fp16, bf16, int8 or fp8
                --samples FILE.npz      numpy.savez(FILE, INPUT=array, ..., labels=array); the first axis counts samples
                --output FOLDER         e.g. models/digits/2, a version of a model repository
                --replace               put the result in place of an earlier one
                --target cpu|gpu        where it will run (cpu)
                --keep NAME             a node, or an operator, to leave in FP32; may be repeated
                --calibration METHOD    minmax, percentile or entropy (minmax)
                --per-tensor            one scale for all weights of a layer, not one for each channel
                --batch N               samples in a run (8)
                --threads N             threads of a run when latency is compared (1)
                --max-accuracy-drop P   lost share of labelled samples, in per cent (1)
                --max-error P           mean error beside the output's usual size, in per cent, where there are no labels
                                        (fp16 1, bf16 3, int8 and fp8 8)
                --min-speedup X         how many times as fast it must be, on the cpu (0.95)
              inspect MODEL.onnx        what the model is made of, and what could not be converted
              compare A.onnx B.onnx --samples FILE [--batch N] [--threads N]
                                        how far B's answers are from A's, and the time of each
              profile MODEL.onnx --samples FILE [--runs N] [--threads N]
                                        the time of each layer in ONNX Runtime
              build MODEL.onnx          a TensorRT engine; not part of this build yet

              --json                    the answer as JSON
              --help                    this text

            Exit codes: 0 done, 1 failed, 2 wrong command line, 3 converted but rejected by a gate.
            """;

    private Help() {}
}
