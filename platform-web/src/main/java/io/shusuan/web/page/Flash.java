package io.shusuan.web.page;

import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** What the next page says above all else of what was just done. */
public final class Flash {

    private Flash() {}

    /** @param name of what it was done with */
    public static void done(String key, String name, RedirectAttributes flash) {
        flash.addFlashAttribute("done", key);
        flash.addFlashAttribute("doneName", name);
    }

    public static void refused(String key, @Nullable String because, RedirectAttributes flash) {
        flash.addFlashAttribute("refused", key);
        flash.addFlashAttribute("refusedBecause", because);
    }
}
