package io.shusuan.web.job;

/** The sixteen colours that the log view has, readable on light and dark alike, and which of them stands for a finer one. */
final class AnsiPalette {

    /** xterm's own values of the sixteen. */
    private static final int[] BASIC = {
        0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
        0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff
    };

    private static final int[] CUBE = {0, 95, 135, 175, 215, 255};

    private AnsiPalette() {}

    /** For one of xterm's 256: 16 basic ones, a cube of 6 × 6 × 6, 24 greys. */
    static int nearest(int index) {
        if (index < 0 || index > 255) {
            return 7;
        }
        if (index < 16) {
            return index;
        }
        if (index >= 232) {
            var grey = 8 + 10 * (index - 232);
            return nearest(grey, grey, grey);
        }
        var cube = index - 16;
        return nearest(CUBE[cube / 36], CUBE[cube / 6 % 6], CUBE[cube % 6]);
    }

    static int nearest(int red, int green, int blue) {
        var best = 0;
        for (var i = 1; i < BASIC.length; i++) {
            if (distance(BASIC[i], red, green, blue) < distance(BASIC[best], red, green, blue)) {
                best = i;
            }
        }
        return best;
    }

    private static int distance(int colour, int red, int green, int blue) {
        var r = (colour >> 16) - red;
        var g = (colour >> 8 & 0xff) - green;
        var b = (colour & 0xff) - blue;
        return r * r + g * g + b * b;
    }
}
