/** Accounts as people see them: by queue, user, job, flavour and day. */
@NullMarked
package io.shusuan.web.usage;

import org.jspecify.annotations.NullMarked;
