package io.shusuan.agent.engine.build;

/**
 * What an engine is built by and for.
 *
 * @param tensorRt TensorRT's version, as in 11.2.1
 * @param architecture the GPU's, as in sm_90
 */
public record Platform(String tensorRt, String architecture) {
    private static final int AMPERE = 80;

    /** The versions of TensorRT that run what is built here. */
    String versions(BuildSettings settings) {
        return settings.versionCompatible() ? tensorRt.replaceFirst("\\..*", "") + ".x" : tensorRt;
    }

    /** The GPUs that run what is built here. */
    String architectures(BuildSettings settings) {
        var number = architecture.replaceFirst("^sm_", "");
        boolean known = number.matches("\\d{2,4}");
        return settings.hardwareCompatible() && known && Integer.parseInt(number) >= AMPERE
                ? "sm_" + AMPERE + " and newer"
                : architecture;
    }

    @Override
    public String toString() {
        return "TensorRT " + tensorRt + " for " + architecture;
    }
}
