/** Tells people what they should know although they do not look: a notice in the portal and, where the platform has an address for it, a request to that. */
@NullMarked
package io.shusuan.scheduler.notice;

import org.jspecify.annotations.NullMarked;
