package io.shusuan.web.page;

import io.shusuan.api.security.Caller;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The frame around a page.
 *
 * @param path of this page with its query, to come back to it
 * @param theme {@code light}, {@code dark}, or {@code auto} to follow the system
 * @param unread how many notices the caller has not read
 * @param clusterTrouble why the cluster cannot be asked, if it cannot
 */
public record Page(
        @Nullable Caller caller,
        Locale locale,
        String path,
        String theme,
        long unread,
        @Nullable String clusterTrouble) {

    /** As the lang attribute of a page wants it. */
    public String language() {
        return locale.toLanguageTag();
    }

    public boolean chinese() {
        return PortalLocale.CHINESE.equals(locale);
    }

    public boolean admin() {
        return caller != null && caller.admin();
    }
}
