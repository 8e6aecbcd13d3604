/**
 * Who is asking and what they may do. People log in by form, programs send a bearer token; nothing is open but health and
 * what the login page needs.
 */
@NullMarked
package io.shusuan.api.security;

import org.jspecify.annotations.NullMarked;
