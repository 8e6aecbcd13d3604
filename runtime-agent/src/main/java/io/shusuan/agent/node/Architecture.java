package io.shusuan.agent.node;

/** NVIDIA's names of its generations, by the numbers that NVML gives them. */
final class Architecture {
    private Architecture() {}

    /** One that is newer than this list is told by its number. */
    static String named(int number) {
        return switch (number) {
            case 2 -> "KEPLER";
            case 3 -> "MAXWELL";
            case 4 -> "PASCAL";
            case 5 -> "VOLTA";
            case 6 -> "TURING";
            case 7 -> "AMPERE";
            case 8 -> "ADA";
            case 9 -> "HOPPER";
            case 10 -> "BLACKWELL";
            default -> Integer.toString(number);
        };
    }
}
