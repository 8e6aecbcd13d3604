package io.shusuan.api.request;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;

/** The paths that programs ask. There every answer is made for programs; everywhere else it is a page. */
public final class ProgramPaths {

    private static final List<String> ROOTS =
            List.of("/api", "/serve", "/v3/api-docs", "/v3/api-docs.yaml", "/actuator");

    private ProgramPaths() {}

    public static boolean has(HttpServletRequest request) {
        return has(request.getRequestURI());
    }

    public static boolean has(String path) {
        return ROOTS.stream().anyMatch(root -> path.equals(root) || path.startsWith(root + "/"));
    }
}
