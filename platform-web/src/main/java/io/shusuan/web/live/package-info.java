/**
 * Pages that stay true while somebody looks at them. A page opens one stream of server-sent events; when a job changes, or every few
 * seconds for changes that another replica made, its view is computed anew and the fragments that differ are sent.
 */
@NullMarked
package io.shusuan.web.live;

import org.jspecify.annotations.NullMarked;
