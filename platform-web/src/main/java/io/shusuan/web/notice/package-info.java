/** What people are told, as they see it. */
@NullMarked
package io.shusuan.web.notice;

import org.jspecify.annotations.NullMarked;
