/** What the caller is told beside the pages of their jobs. */
@NullMarked
package io.shusuan.api.notice;

import org.jspecify.annotations.NullMarked;
