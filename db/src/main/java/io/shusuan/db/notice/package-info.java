/** What people are told beside the pages of their jobs: kept until they have read it and a while longer, and sent on where somebody wants that. */
@NullMarked
package io.shusuan.db.notice;

import org.jspecify.annotations.NullMarked;
