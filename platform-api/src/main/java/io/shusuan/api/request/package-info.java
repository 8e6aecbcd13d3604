/** What every request has before anybody looks at it: an id, and whether a program or a person sent it. */
@NullMarked
package io.shusuan.api.request;

import org.jspecify.annotations.NullMarked;
