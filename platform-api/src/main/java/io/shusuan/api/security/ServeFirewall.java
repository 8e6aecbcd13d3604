package io.shusuan.api.security;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.security.web.firewall.FirewalledRequest;
import org.springframework.security.web.firewall.HttpFirewall;
import org.springframework.security.web.firewall.StrictHttpFirewall;
import org.springframework.stereotype.Component;

/**
 * Lets paths to replicas be encoded as they like: what is behind the job's name is passed on as it came and means nothing
 * here. Ways up ({@code ..}) stay refused there too, and everywhere else all is strict.
 */
@Component
class ServeFirewall implements HttpFirewall {

    private final StrictHttpFirewall strict = new StrictHttpFirewall();
    private final StrictHttpFirewall passing = new StrictHttpFirewall();

    ServeFirewall() {
        passing.setAllowUrlEncodedSlash(true);
        passing.setAllowUrlEncodedPercent(true);
        passing.setAllowUrlEncodedDoubleSlash(true);
        passing.setAllowSemicolon(true);
        passing.setAllowBackSlash(true);
        passing.setAllowUrlEncodedLineFeed(true);
        passing.setAllowUrlEncodedCarriageReturn(true);
        passing.setAllowUrlEncodedLineSeparator(true);
        passing.setAllowUrlEncodedParagraphSeparator(true);
    }

    @Override
    public FirewalledRequest getFirewalledRequest(HttpServletRequest request) {
        var firewall = request.getRequestURI().startsWith("/serve/") ? passing : strict;
        return firewall.getFirewalledRequest(request);
    }

    @Override
    public HttpServletResponse getFirewalledResponse(HttpServletResponse response) {
        return strict.getFirewalledResponse(response);
    }
}
