package io.shusuan.agent.backend.onnxruntime;

import io.shusuan.agent.backend.gpu.GpuFailure;
import io.shusuan.agent.backend.gpu.StickyErrors;
import java.util.regex.Pattern;

/** An error of CUDA's, asked of CUDA itself or told in the words of ONNX Runtime. */
final class CudaFailure extends Exception implements GpuFailure {
    private static final long serialVersionUID = 1L;

    /** How the CUDA provider begins what it says of an error of CUDA's, with its number. */
    private static final Pattern TOLD = Pattern.compile("CUDA failure (\\d{1,9}):");

    private final String said;
    private final boolean sticky;

    private CudaFailure(String said, boolean sticky) {
        super(said);
        this.said = said;
        this.sticky = sticky;
    }

    static CudaFailure of(String call, int code, String name, String text) {
        return new CudaFailure(call + " failed: " + name + " (" + code + "): " + text, StickyErrors.contain(code));
    }

    static CudaFailure notThere(String why) {
        return new CudaFailure(why, false);
    }

    /** What a refusal of ONNX Runtime's means for the GPU it came from, as far as its words tell. */
    static CudaFailure toldBy(OrtRefusal refusal) {
        var code = TOLD.matcher(refusal.said());
        return new CudaFailure(
                refusal.getMessage() == null ? refusal.said() : refusal.getMessage(),
                code.find() && StickyErrors.contain(Integer.parseInt(code.group(1))));
    }

    @Override
    public boolean isSticky() {
        return sticky;
    }

    @Override
    public String text() {
        return said;
    }
}
