/** Logging in, the tokens that speak for a user, and the users themselves for administrators. */
@NullMarked
package io.shusuan.web.user;

import org.jspecify.annotations.NullMarked;
