import static java.util.stream.Collectors.joining;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;

/** One handwritten digit: 8 rows of 8 pixels from 0 (paper) to 16 (ink), and the digit that was meant. */
record Digit(float[] pixels, int label) {

    static final int SIDE = 8;
    static final int PIXELS = SIDE * SIDE;
    static final int DARKEST = 16;
    static final int CLASSES = 10;

    private static final String INKS = " .:-=+*#@";

    /** Reads a gzipped CSV of 64 pixels and the label per line. */
    static List<Digit> readAll(Path file) {
        try (var lines = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.US_ASCII))) {
            var digits = new ArrayList<Digit>();
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                digits.add(parse(line, file + " line " + (digits.size() + 1)));
            }
            if (digits.isEmpty()) {
                throw new Fault(file + " holds no images");
            }
            return digits;
        } catch (NoSuchFileException _) {
            throw new Fault("no images at " + file + ": the file does not exist");
        } catch (IOException unreadable) {
            throw new Fault("cannot read images from " + file + ": " + Fault.reason(unreadable));
        }
    }

    private static Digit parse(String line, String place) {
        var fields = line.split(",", -1);
        if (fields.length != PIXELS + 1) {
            throw new Fault(
                    "%s: expected %d pixels and a label, found %d fields".formatted(place, PIXELS, fields.length));
        }
        var pixels = new float[PIXELS];
        for (int pixel = 0; pixel < PIXELS; pixel++) {
            pixels[pixel] = parse(fields[pixel], DARKEST, place);
        }
        return new Digit(pixels, parse(fields[PIXELS], CLASSES - 1, place));
    }

    private static int parse(String field, int largest, String place) {
        try {
            int number = Integer.parseInt(field);
            if (0 <= number && number <= largest) {
                return number;
            }
        } catch (NumberFormatException _) {
            // said below, as for a number out of range
        }
        throw new Fault("%s: expected a number from 0 to %d, found '%s'".formatted(place, largest, field));
    }

    /** The digit of the largest of ten probabilities. */
    static int mostLikely(float[] probabilities) {
        int best = 0;
        for (int digit = 1; digit < probabilities.length; digit++) {
            if (probabilities[digit] > probabilities[best]) {
                best = digit;
            }
        }
        return best;
    }

    /** The same digit moved by some pixels; what leaves the frame is lost, paper comes in. */
    Digit shifted(int right, int down) {
        var moved = new float[PIXELS];
        for (int row = Math.max(0, down); row < Math.min(SIDE, SIDE + down); row++) {
            for (int column = Math.max(0, right); column < Math.min(SIDE, SIDE + right); column++) {
                moved[row * SIDE + column] = pixels[(row - down) * SIDE + column - right];
            }
        }
        return new Digit(moved, label);
    }

    /** The picture in characters, two per pixel because characters are taller than wide. */
    String drawn() {
        return IntStream.range(0, SIDE)
                .mapToObj(row -> IntStream.range(row * SIDE, (row + 1) * SIDE)
                        .mapToObj(pixel ->
                                INKS.substring(ink(pixel), ink(pixel) + 1).repeat(2))
                        .collect(joining()))
                .collect(joining("\n"));
    }

    private int ink(int pixel) {
        return (int) pixels[pixel] * (INKS.length() - 1) / DARKEST;
    }
}
