package io.shusuan.agent;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Reads the flags of the rate limiter, of GPU memory and of the response cache. */
record SchedulingFlags(CommandLine line) {

    /** How often each limited resource is there; empty when the limiter is off. */
    Optional<Map<String, Integer>> rateLimits() throws UsageException {
        var mode = line.text("--rate-limit").orElse("off");
        if (!mode.equals("off") && !mode.equals("execution_count")) {
            throw new UsageException("--rate-limit is off or execution_count, not '" + mode + "'");
        }
        var limits = new HashMap<String, Integer>();
        for (var text : line.all("--rate-limit-resource")) {
            var parts = text.split(":", -1);
            if (parts.length < 2 || parts.length > 3 || parts[0].isEmpty()) {
                throw new UsageException("--rate-limit-resource takes NAME:COUNT, not '" + text + "'");
            }
            if (parts.length == 3 && !parts[2].equals("global") && !parts[2].equals("0")) {
                throw new UsageException("--rate-limit-resource " + text + " names the device " + parts[2]
                        + "; this server has one, the CPU: leave it out");
            }
            limits.put(parts[0], number(text, parts[1]));
        }
        if (mode.equals("off") && !limits.isEmpty()) {
            throw new UsageException("--rate-limit-resource needs --rate-limit execution_count");
        }
        return mode.equals("off") ? Optional.empty() : Optional.of(limits);
    }

    private static int number(String text, String count) throws UsageException {
        try {
            int value = Integer.parseInt(count);
            if (value > 0) {
                return value;
            }
        } catch (NumberFormatException notANumber) {
            // answered below
        }
        throw new UsageException("--rate-limit-resource takes NAME:COUNT with a positive count, not '" + text + "'");
    }

    /** The bytes the cache of answers may take; empty when there is none. */
    Optional<Long> cacheBytes() throws UsageException {
        var config = line.text("--cache-config");
        var size = line.text("--response-cache-byte-size");
        if (config.isPresent() && size.isPresent()) {
            throw new UsageException("--response-cache-byte-size is the old name of --cache-config: give one of them");
        }
        if (config.isPresent()) {
            var begin = "local,size=";
            if (!config.get().startsWith(begin)) {
                throw new UsageException("--cache-config takes " + begin + "BYTES, not '" + config.get() + "'");
            }
            size = Optional.of(config.get().substring(begin.length()));
        }
        return size.isEmpty() ? Optional.empty() : bytes(size.get());
    }

    private static Optional<Long> bytes(String text) throws UsageException {
        try {
            long bytes = Long.parseLong(text);
            if (bytes >= 0) {
                return bytes == 0 ? Optional.empty() : Optional.of(bytes);
            }
        } catch (NumberFormatException notANumber) {
            // answered below
        }
        throw new UsageException("the size of the response cache is a number of bytes, not '" + text + "'");
    }
}
