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
                --without-vnni          it will run on processors without VNNI, too: weights of 7 bits (as this processor is)
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
              profile MODEL.plan --samples FILE [--batch N] [--streams N] [--seconds S] [--gpu N]
                                        what TensorRT's bare loop reaches, with and without the copies to the GPU and back
              build MODEL.onnx          a TensorRT engine for a GPU of this machine, from the cache where it is there already,
                                        compared with the original in ONNX Runtime
                --profile INPUT=MIN:OPT:MAX[,INPUT=...]
                                        shapes, as in image=1x3x224x224:8x3x224x224:32x3x224x224; may be repeated
                                        (the model's own, batches from 1 to --max-batch)
                --max-batch N           largest batch of that profile (what config.pbtxt of its repository says, else 8)
                --workspace-mb N        memory on the GPU for a layer while it runs (all)
                --optimization-level N  how long to look for fast kernels, 0 to 5 (3)
                --version-compatible    later versions of TensorRT 11 run it, too
                --hardware-compatible   other GPUs from Ampere on run it, too
                --refittable            its weights can be exchanged
                --weight-streaming      a part of its weights may stay in the host's memory (weight_streaming_budget of a model)
                --samples FILE.npz      real inputs for the comparison (made-up numbers)
                --original FILE.onnx    what to compare with (MODEL.onnx)
                --max-accuracy-drop P, --max-error P, --min-speedup X
                                        as above (1; 1, for a quantised graph 8; 0.95)
                --gpu N                 which GPU (0)
                --cache FOLDER          where engines are kept, may be shared (~/.cache/shusuan/engines)
                --cache-mbytes N        what they may occupy; those not used for longest go first (65536)
                --output FOLDER         put the engine and its model there as well, e.g. models/digits/3
                --replace               put the result in place of an earlier one

              --json                    the answer as JSON
              --while-input-lasts       end when the standard input does
              --help                    this text

            Exit codes: 0 done, 1 failed, 2 wrong command line, 3 converted or built, but rejected by a gate.
            """;

    private Help() {}
}
