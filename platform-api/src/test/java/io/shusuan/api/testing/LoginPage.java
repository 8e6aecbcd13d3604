package io.shusuan.api.testing;

import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** In place of the portal's, found by the scan of the API: what its form holds. */
@RestController
class LoginPage {

    @GetMapping("/login")
    String login(CsrfToken csrf) {
        return csrf.getToken();
    }
}
